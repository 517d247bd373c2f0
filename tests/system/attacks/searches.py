"""Every way of asking a catalog for what it holds, each aimed at one run."""

from __future__ import annotations

from urllib.parse import quote

# Operator, and its parameters; words in braces are the target's.
_FILTERS: tuple[tuple[str, dict[str, str]], ...] = (
    ("fulltext", {"text": "{canary}"}),
    ("fulltext", {"text": "{uid}"}),
    ("lookup", {"key": "{tag}"}),
    ("lookup", {"key": "{uid}"}),
    ("keys_filter", {"keys": '["{tag}","{uid}"]'}),
    ("eq", {"key": "start.uid", "value": '"{uid}"'}),
    ("eq", {"key": "start.sample.name", "value": '"{canary}"'}),
    ("noteq", {"key": "start.uid", "value": '"{uid}"'}),
    ("comparison", {"operator": "gt", "key": "start.time", "value": "0"}),
    ("contains", {"key": "start.purpose", "value": '"{canary}"'}),
    ("in", {"key": "start.uid", "value": '["{uid}"]'}),
    ("notin", {"key": "start.uid", "value": '["{uid}"]'}),
    ("keypresent", {"key": "start.sample.name", "exists": "true"}),
    ("like", {"key": "start.uid", "pattern": '"{uid}"'}),
    ("like", {"key": "start.sample.name", "pattern": '"%canary%"'}),
    ("regex", {"key": "start.uid", "pattern": "{uid}", "case_sensitive": "false"}),
    ("specs", {"include": '["BlueskyRun"]', "exclude": "[]"}),
    ("access_tags_filter", {"tags": '["{tag}"]'}),
    ("structure_family", {"value": "container"}),
    ("scan_id", {"scan_ids": "7", "duplicates": "all"}),
    ("scan_id_range", {"start_id": "0", "end_id": "99", "duplicates": "all"}),
    ("partial_uid", {"partial_uids": "{uid}"}),
    ("time_range", {"timezone": "UTC", "since": "0", "until": "4000000000"}),
)


def _query(operator: str, parameters: dict[str, str]) -> str:
    return "&".join(
        f"filter[{operator}][condition][{name}]={quote(value, safe='{},')}"
        for name, value in parameters.items()
    )


FILTERS = tuple(_query(operator, parameters) for operator, parameters in _FILTERS)

# The same at the root and in the group: the first asks whether it is counted, the second whether
# it is there.
SEARCHES = (
    "",
    "{tag}",
    "{tag}/{uid}",
    "?fields=count",
    "{tag}?fields=count",
    "?page[limit]=1&page[offset]=0",
    "?page[limit]=1&page[cursor]=1",
    "{tag}?page[limit]=1&page[offset]=1",
    "?sort=-start.time&omit_links=true",
    "?sort=start.sample.name",
    "{tag}?sort=start.sample.name",
    "?max_depth=5",
    "{tag}?max_depth=5&include_data_sources=true",
    "{tag}?fields=metadata&select_metadata=start.sample",
    *(f"?{query}" for query in FILTERS),
    *(f"{{tag}}?{query}" for query in FILTERS[::4]),  # the group is refused before its filter
)

DISTINCT = (
    "?metadata=start.sample.name&counts=true",
    "?specs=true&structure_families=true&counts=true",
    "{tag}?metadata=start.uid&counts=true",
    "{tag}?specs=true&structure_families=true&counts=true",
    "{tag}/{uid}?metadata=start.sample.name",
    f"?metadata=start.sample.name&{FILTERS[0]}",
    f"{{tag}}?metadata=start.sample.name&{FILTERS[5]}",
)
