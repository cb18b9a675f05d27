"""Resources that exist but are missing from Terraform's state: recognised, and identified for import."""

from pathlib import Path

import pytest

from scripts.terraform.adoption import identity, is_taken, root_with_imports


@pytest.mark.parametrize(
    "said",
    [
        "ResourceAlreadyExistsException: The specified log group already exists",
        "EntityAlreadyExists: Role with name relay already exists.",
        "ResourceInUseException: Table already exists: tasks",
        "ResourceConflictException: Alias already exists: live",
        "BucketAlreadyOwnedByYou: Your previous request succeeded",
    ],
)
def test_a_refusal_because_the_name_is_taken_is_recognised(said: str) -> None:
    assert is_taken(said)


@pytest.mark.parametrize(
    "said", ["AccessDenied: not authorized", "Unsupported argument", "ThrottlingException"]
)
def test_any_other_refusal_is_not(said: str) -> None:
    assert not is_taken(said)


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("aws_iam_role", {"name": "relay"}, "relay"),
        ("aws_lambda_alias", {"function_name": "relay", "name": "live"}, "relay/live"),
        (
            "aws_lambda_permission",
            {"function_name": "relay", "qualifier": "live", "statement_id": "api"},
            "relay:live/api",
        ),
        ("aws_lambda_alias", {"name": "live"}, None),
        ("aws_kms_key", {"description": "the key"}, None),
    ],
)
def test_the_id_follows_from_planned_values_where_the_type_allows(
    kind: str, values: dict[str, str], expected: str | None
) -> None:
    assert identity(kind, values, "") == expected


def test_the_id_of_a_mapping_is_in_the_refusal() -> None:
    uuid = "0d5b1f0a-6a0f-4a0f-8c1c-1f1f1f1f1f1f"
    said = f"ResourceConflictException: provided mapping already exists. Please update or delete UUID {uuid}"
    assert identity("aws_lambda_event_source_mapping", {}, said) == uuid


def test_a_root_with_imports_is_a_temporary_copy(tmp_path: Path) -> None:
    root = tmp_path / "infra"
    root.mkdir()
    (root / "main.tf").write_text("# the root\n")

    with root_with_imports(root, tmp_path / "work", {'aws_iam_role.this["a"]': "role-a"}) as copy:
        assert (copy / "main.tf").read_text() == "# the root\n"
        assert 'to = aws_iam_role.this["a"]\n  id = "role-a"' in (copy / "imports.tf").read_text()

    assert not copy.exists()
    assert sorted(path.name for path in root.iterdir()) == ["main.tf"]
