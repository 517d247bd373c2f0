"""What Tiled is told: one mapping, written as its configuration file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._tags import ROOT_TAG

if TYPE_CHECKING:
    from ._home import TiledHome

PROVIDER = "house"


def configuration(home: TiledHome, secret: str) -> dict[str, Any]:
    """Return Tiled's configuration.

    Parameters
    ----------
    home
        Whose databases, files and passwords are served.
    secret
        Signs what the server gives out; servers that share it know each other's.
    """
    authenticator = {
        "provider": PROVIDER,
        "authenticator": "nanoterasu.records._authenticator:PasswordAuthenticator",
        "args": {"password_file": str(home.passwords.path)},
    }
    return {
        "authentication": {
            "providers": [authenticator],
            "secret_keys": [secret],
            # Strangers see an empty catalog, and later what has been published.
            "allow_anonymous_access": True,
        },
        "database": {"uri": home.authn_uri},
        "access_control": {
            "access_policy": "tiled.access_control.access_policies:TagBasedAccessPolicy",
            "args": {
                "provider": PROVIDER,
                "access_tags_parser": "nanoterasu.records._asked_once:TagsParser",
            },
        },
        "catalog": {
            "uri": home.catalog_uri,
            "writable_storage": [str(home.tiled / "files"), home.tables_uri],
            "readable_storage": [str(home.files.folder)],
            "adapters_by_mimetype": {
                "application/x-hdf5": "nanoterasu.records._adapter:FramesAdapter",
                "application/x-tiled-sql-table": "nanoterasu.records._rows:RowsAdapter",
            },
            "top_level_access_tags": [ROOT_TAG],
        },
        "media_types": {
            "BlueskyRun": {
                "application/json-seq": "bluesky_tiled_plugins.exporters:json_seq_exporter"
            }
        },
        "expose_raw_assets": False,
        "exact_count_limit": -1,  # estimates count what the reader may not see
        "metrics": {"prometheus": False},
    }
