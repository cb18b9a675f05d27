"""What Terraform would create, and what the package holds; no cloud runs."""
