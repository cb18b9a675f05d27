"""Taking over what exists in a local cloud and is missing from Terraform's state.

An apply that was killed, or that lost the answer to a call, leaves such resources behind. Most have an id
that follows from their configuration; a mapping's is in the message of the refusal.
"""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# How the provider identifies a resource to import, by type; each type's page in the provider's documentation.
_IDENTITIES = {
    "aws_cloudwatch_event_archive": "{name}",
    "aws_cloudwatch_event_bus": "{name}",
    "aws_cloudwatch_log_group": "{name}",
    "aws_cognito_user_pool_domain": "{domain}",
    "aws_dynamodb_table": "{name}",
    "aws_iam_role": "{name}",
    "aws_kms_alias": "{name}",
    "aws_lambda_alias": "{function_name}/{name}",
    "aws_lambda_function": "{function_name}",
    "aws_lambda_permission": "{function_name}:{qualifier}/{statement_id}",
    "aws_resourcegroups_group": "{name}",
    "aws_s3_bucket": "{bucket}",
}
# The services' errors for a name that is taken.
_TAKEN = re.compile(r"already ?exists|AlreadyExists|AlreadyOwned|ResourceInUse|Conflict", re.IGNORECASE)
_MAPPING_ID = re.compile(r"UUID ([0-9a-f-]{36})")


def is_taken(text: str) -> bool:
    """Whether a diagnostic's text means that the resource to be made exists already."""
    return _TAKEN.search(text) is not None


def identity(resource_type: str, values: Mapping[str, Any], said: str) -> str | None:
    """The id by which Terraform imports a resource with these planned values; None where it has none.

    `said` is the text of the refusal.
    """
    if resource_type == "aws_lambda_event_source_mapping":
        found = _MAPPING_ID.search(said)
        return found.group(1) if found else None
    pattern = _IDENTITIES.get(resource_type, "")
    needed = re.findall(r"{(\w+)}", pattern)
    known = all(isinstance(values.get(name), str) for name in needed)
    return pattern.format_map(values) if needed and known else None


@contextmanager
def root_with_imports(root: Path, work_folder: Path, imports: Mapping[str, str]) -> Iterator[Path]:
    """A copy of a root that also imports these ids (by address), beside what it reads from its parent."""
    folder = work_folder / "imports"
    shutil.rmtree(folder, ignore_errors=True)
    ignored = shutil.ignore_patterns(".terraform", "*.tfstate*")
    try:
        copy = Path(shutil.copytree(root, folder / root.name, ignore=ignored))
        for name in ("services", "build"):
            (folder / name).symlink_to(root.parent / name)
        blocks = [f"import {{\n  to = {to}\n  id = {json.dumps(id_)}\n}}\n" for to, id_ in imports.items()]
        (copy / "imports.tf").write_text("\n".join(blocks))
        yield copy
    finally:
        shutil.rmtree(folder, ignore_errors=True)
