"""Attacks: what a plan may emit to reach a file that is not its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from nanoterasu.records import Files, FrameFile, RecordsError, own_file

START = {"uid": "run-1", "beamtime_id": "BT-1"}


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files.of(tmp_path.resolve())


@pytest.fixture
def own(files: Files) -> Path:
    return written(files, "BT-1")


@pytest.fixture
def rival(files: Files) -> Path:
    return written(files, "BT-2")


def written(files: Files, beamtime: str) -> Path:
    with FrameFile(files.beamtime(beamtime), "camera", (2, 2), "<u2") as file:
        file.append(np.ones((2, 2), "<u2"))
    return file.path


def resource(uri: object, **other: Any) -> dict[str, Any]:
    return {
        "uid": "file-1",
        "data_key": "camera",
        "mimetype": "application/x-hdf5",
        "uri": uri,
        "parameters": {"dataset": "/entry/data/data"},
    } | other


def old(root: object, path: object, **other: Any) -> dict[str, Any]:
    return {
        "uid": "file-1",
        "spec": "AD_HDF5",
        "root": root,
        "resource_path": path,
        "resource_kwargs": {},
    } | other


def refused(files: Files, document: dict[str, Any], why: str | None = None) -> str:
    with pytest.raises(RecordsError, match=why) as caught:
        own_file(files.folder, START, document)
    return str(caught.value)


@pytest.mark.parametrize("prefix", ["file://localhost", "file://"])
def test_a_file_of_the_own_beamtime_is_let_in(files: Files, own: Path, prefix: str) -> None:
    assert own_file(files.folder, START, resource(f"{prefix}{own}")) == own


def test_what_a_frame_file_tells_of_is_let_in_while_it_is_open(files: Files) -> None:
    with FrameFile(files.beamtime("BT-1"), "camera", (2, 2), "<u2") as file:
        file.append(np.ones((2, 2), "<u2"))
        (_, document), _ = file.announce()
        assert own_file(files.folder, START, document) == file.path


def test_an_old_document_of_an_own_file_is_let_in(files: Files, own: Path) -> None:
    for root, path in (
        (str(files.folder), f"BT-1/{own.name}"),
        (str(own.parent), f"/{own.name}"),
        ("", str(own)),
        ("/", str(own).lstrip("/")),
    ):
        assert own_file(files.folder, START, old(root, path)) == own


def test_the_refusal_says_what_where_and_what_to_do(files: Files, rival: Path) -> None:
    said = refused(files, resource(f"file://localhost{rival}"), "lies elsewhere")
    assert "'file-1' of run run-1" in said
    assert str(files.folder / "BT-1") in said
    assert "FrameFile" in said


def test_a_file_of_a_rival_is_refused_however_it_is_written(
    files: Files, own: Path, rival: Path
) -> None:
    at = f"{own.parent}/../BT-2/{rival.name}"
    for uri in (
        f"file://localhost{rival}",
        f"file://{rival}",
        f"file://localhost{at}",
        f"file://localhost{at.replace('..', '%2e%2e')}",
        f"file://localhost{own.parent}/.././BT-2//{rival.name}",
        f"file://localhost{own}/../../BT-2/{rival.name}",
        f"file://localhost{rival}?{own}",
        f"file://localhost{rival}#{own}",
        f"file://localhost{rival};{own}",
        f"file://localhost/{rival}",
        f"file://localhost{own}\t",
        f" file://localhost{own}",
        f"file://localhost\n{own}",
        f"file://localhost{str(own).replace('BT-1', 'BT-%31')}",
    ):
        refused(files, resource(uri))
    for root, path in (
        (str(files.folder), f"BT-2/{rival.name}"),
        (str(own.parent), f"../BT-2/{rival.name}"),
        (str(rival.parent), rival.name),
        ("", str(rival)),
        (str(own.parent), f"/../BT-2/{rival.name}"),
        (f"{own.parent}/..", f"BT-2/{rival.name}"),
        ("file://localhost", str(own)),
        (None, str(own)),
        (str(own.parent), 7),
    ):
        refused(files, old(root, path))


@pytest.mark.parametrize(
    "uri",
    [
        "file://localhost/etc/passwd",
        "file:///etc/passwd",
        "file:/etc/passwd",
        "/etc/passwd",
        "file://elsewhere.example/data/x.h5",
        "file://localhost:80/data/x.h5",
        "file://user@localhost/data/x.h5",
        "FILE://localhost/etc/passwd",
        "http://localhost/x.h5",
        "s3://bucket/x.h5",
        "sqlite:////data/tables.sqlite",
        "",
        None,
        7,
        b"file://localhost/etc/passwd",
    ],
)
def test_what_is_no_plain_path_of_this_machine_is_refused(files: Files, uri: object) -> None:
    refused(files, resource(uri))


def test_the_folder_itself_and_others_like_it_are_refused(files: Files, own: Path) -> None:
    lookalike = written(files, "BT-10")
    for path in (own.parent, files.folder, lookalike, own.with_name("missing.h5")):
        refused(files, resource(f"file://localhost{path}"))


@pytest.mark.parametrize("beamtime", [None, "", "..", "BT-1/..", 7])
def test_a_run_without_a_beamtime_brings_in_nothing(
    files: Files, own: Path, beamtime: object
) -> None:
    start = {"uid": "run-1", "beamtime_id": beamtime}
    with pytest.raises(RecordsError, match="cannot name a folder"):
        own_file(files.folder, start, resource(f"file://localhost{own}"))


def test_a_link_to_another_file_is_refused(files: Files, own: Path, rival: Path) -> None:
    link = own.with_name("link.h5")
    link.symlink_to(rival)
    refused(files, resource(f"file://localhost{link}"), "through a link")
    circle = own.with_name("circle.h5")
    circle.symlink_to(circle)
    refused(files, resource(f"file://localhost{circle}"))


def test_a_folder_that_is_a_link_is_refused(files: Files, own: Path, rival: Path) -> None:
    (own.parent / "more").symlink_to(rival.parent)
    refused(files, resource(f"file://localhost{own.parent}/more/{rival.name}"), "through a link")


def test_a_beamtime_that_is_a_link_to_another_is_refused(files: Files, rival: Path) -> None:
    (files.folder / "BT-1").symlink_to(rival.parent)
    uri = f"file://localhost{files.folder}/BT-1/{rival.name}"
    refused(files, resource(uri), "through a link")


def test_a_second_name_of_another_file_is_refused(files: Files, own: Path, rival: Path) -> None:
    name = own.with_name("second.h5")
    os.link(rival, name)
    refused(files, resource(f"file://localhost{name}"), "second name")


def test_what_is_no_file_is_refused_without_being_opened(files: Files, own: Path) -> None:
    pipe = own.with_name("pipe.h5")
    os.mkfifo(pipe)  # opening it would wait for ever
    refused(files, resource(f"file://localhost{pipe}"), "is no file")


def test_a_file_that_is_not_hdf5_is_refused(files: Files, own: Path) -> None:
    text = own.with_name("text.h5")
    text.write_text("nothing of HDF5")
    refused(files, resource(f"file://localhost{text}"), "cannot be read as HDF5")


@pytest.mark.parametrize("dataset", ["/entry", "/", "", "/gone", "/entry/data/data/x", 7, "../x"])
def test_what_is_no_dataset_is_refused(files: Files, own: Path, dataset: object) -> None:
    document = resource(f"file://localhost{own}", parameters={"dataset": dataset})
    refused(files, document)


@pytest.mark.parametrize("dataset", ["external", "soft", "group/external", "virtual", "raw"])
def test_a_dataset_that_takes_its_numbers_from_elsewhere_is_refused(
    files: Files, own: Path, rival: Path, dataset: str
) -> None:
    door = own.with_name("door.h5")
    with h5py.File(door, "w") as file:
        file["external"] = h5py.ExternalLink(str(rival), "/entry/data/data")
        file["group/external"] = h5py.ExternalLink(str(rival), "/entry/data/data")
        file["soft"] = h5py.SoftLink("/external")
        source = h5py.VirtualSource(str(rival), "/entry/data/data", shape=(1, 2, 2))
        layout = h5py.VirtualLayout(shape=(1, 2, 2), dtype="<u2")
        layout[:] = source
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("raw", shape=(9,), dtype="u1", external=[("/etc/hostname", 0, 9)])
    document = resource(f"file://localhost{door}", parameters={"dataset": dataset})
    refused(files, document, "is a link|stored in other files")
    # The name may come by either word, of which the writer takes the first.
    document = resource(f"file://localhost{door}", parameters={"path": dataset, "dataset": "x"})
    refused(files, document, "is a link|stored in other files")


def test_a_template_that_names_further_files_is_refused(
    files: Files, own: Path, rival: Path
) -> None:
    uri, template = f"file://localhost{own.parent}", f"/../BT-2/{rival.name}"
    parameters = {"dataset": "/entry/data/data", "template": template}
    refused(files, resource(uri, parameters=parameters), "template")
    refused(files, old(str(own.parent), own.name, resource_kwargs=parameters), "template")


@pytest.mark.parametrize("kind", ["text/csv", "application/octet-stream", "", None])
def test_a_file_of_another_kind_is_refused(files: Files, own: Path, kind: object) -> None:
    refused(files, resource(f"file://localhost{own}", mimetype=kind), "its kind is")
    refused(files, old(str(own.parent), own.name, spec=kind), "its kind is")
