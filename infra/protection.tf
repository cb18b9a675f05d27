# Makes Terraform refuse to destroy a deployment whose data is protected: prevent_destroy accepts no variable, but
# the count of its resource does. `make destroy ENV=… UNPROTECT=1` removes it from the state first.
# A table that would be replaced is protected by its deletion protection, a bucket by not being empty.
resource "terraform_data" "protection" {
  count = local.protect_data ? 1 : 0

  lifecycle {
    prevent_destroy = true
  }
}
