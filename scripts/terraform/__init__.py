"""Running Terraform: found or fetched, offline where a provider mirror exists, its output made readable."""

from scripts.terraform.messages import Change, Progress, Timing
from scripts.terraform.runner import STATE_KEY, OnProgress, Terraform, TerraformFailed
from scripts.terraform.stray import end_stray

__all__ = [
    "STATE_KEY",
    "Change",
    "OnProgress",
    "Progress",
    "Terraform",
    "TerraformFailed",
    "Timing",
    "end_stray",
]
