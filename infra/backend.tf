# The state is stored in the cloud that it describes, so that both are removed together. Bucket, region and, for a local
# cloud, its endpoint come with `terraform init -backend-config=…`, or from tflocal.
terraform {
  backend "s3" {
    key          = "task-manager.tfstate"
    use_lockfile = true
    # S3 takes both styles; host names of buckets do not resolve on every machine that has a local cloud.
    use_path_style = true
  }
}
