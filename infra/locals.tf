locals {
  is_local = var.target == "local"
  # Nobody misses what lay in a local cloud.
  protect_data = coalesce(var.protect_data, !local.is_local)
  prefix       = "${var.project_name}-${var.environment}"

  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  # What an ARN of this deployment has between the service and the resource.
  here = "${var.aws_region}:${local.account_id}"

  package = jsondecode(file(var.package_manifest))

  tags = {
    Project     = var.project_name
    Environment = var.environment
    ManagedBy   = "terraform"
  }
}
