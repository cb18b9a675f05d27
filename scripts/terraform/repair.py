"""An apply that repairs what an earlier one has left behind: killed half-way, or an answer that was lost."""

import re
from collections.abc import Callable, Sequence

from scripts.terraform.adoption import identity
from scripts.terraform.messages import Progress, Taken
from scripts.terraform.runner import OnProgress, Terraform, TerraformFailed

ROUNDS = 8  # a dependent of an adopted resource is created, and may exist too, only in the next round
# An API's answer, or a state that cannot be read: not a mistake in the configuration.
_OF_THE_CLOUD = re.compile(
    r"operation error|StatusCode|RequestError|waiting for|unexpected state|tfstate|state file"
)


def apply_and_repair(
    terraform: Terraform, arguments: Sequence[str], on_progress: OnProgress, say: Callable[[str], None]
) -> Progress:
    """Apply; what exists and is not in the state is adopted. `say` gets a line for each repair.

    Raises TerraformFailed for what cannot be repaired this way.
    """
    imports: dict[str, str] = {}
    tries_left = 1  # for failures with nothing to adopt
    for _ in range(ROUNDS):
        try:
            return terraform.apply(arguments, on_progress, imports)
        except TerraformFailed as failure:
            if not is_of_the_cloud(failure):
                raise
            imports = _imports(terraform, failure.progress.taken, arguments)
            if imports:
                say(f"Adopted resources of an interrupted call: {', '.join(imports)}")
            elif not tries_left:
                raise
            tries_left -= not imports
    return terraform.apply(arguments, on_progress, imports)


def is_of_the_cloud(failure: TerraformFailed) -> bool:
    """Whether the cloud or its state is the cause, and not the configuration."""
    said = "\n".join([*failure.progress.errors, *failure.progress.other])
    return failure.progress.has_begun or _OF_THE_CLOUD.search(said) is not None


def _imports(terraform: Terraform, taken: Sequence[Taken], arguments: Sequence[str]) -> dict[str, str]:
    """What can be adopted, as address → id."""
    wanted = terraform.planned_values(arguments) if taken else {}
    found = {
        one.address: identity(_type_of(one.address), wanted.get(one.address, {}), one.said) for one in taken
    }
    return {address: known for address, known in found.items() if known}


def _type_of(address: str) -> str:
    """`aws_sqs_queue` of `module.consumer["on_created"].aws_sqs_queue.this[0]`."""
    return re.sub(r"\[[^]]*\]", "", address).split(".")[-2]
