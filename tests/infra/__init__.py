"""What Terraform would make, and what the package holds; no cloud runs."""
