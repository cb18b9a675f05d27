# The state lies in the cloud that it describes, so that both go together. Bucket, region and, for a local
# cloud, its endpoint come with `terraform init -backend-config=…`.
terraform {
  backend "s3" {
    key          = "task-manager.tfstate"
    use_lockfile = true
  }
}
