# Makes Terraform refuse to destroy a deployment whose data is protected: prevent_destroy takes no variable, but
# what it stands in does. `make destroy ENV=… UNPROTECT=1` takes it out of the state first.
# A table that would be replaced is kept by its deletion protection, a bucket by what is in it.
resource "terraform_data" "protection" {
  count = local.protect_data ? 1 : 0

  lifecycle {
    prevent_destroy = true
  }
}
