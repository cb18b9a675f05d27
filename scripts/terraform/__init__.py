"""Running Terraform: found or fetched, offline where a provider mirror exists, its output made readable."""

from scripts.terraform.messages import Change, Progress, Timing
from scripts.terraform.runner import Terraform, TerraformFailed
from scripts.terraform.stray import end_stray

__all__ = ["Change", "Progress", "Terraform", "TerraformFailed", "Timing", "end_stray"]
