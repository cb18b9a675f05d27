"""Files that are generated from models, Terraform and calls, and their comparison with the base branch."""
