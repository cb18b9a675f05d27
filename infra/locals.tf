locals {
  is_local = var.target == "local"
  prefix   = "${var.project_name}-${var.environment}"

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
