# Cloud and names

variable "target" {
  description = "Which kind of cloud to deploy to: `local` (an emulator at aws_endpoint, which is AWS_ENDPOINT_URL too) or `aws`."
  type        = string
  default     = "local"

  validation {
    condition     = contains(["local", "aws"], var.target)
    error_message = "target must be `local` or `aws`."
  }
}

variable "aws_endpoint" {
  description = "URL of the local cloud; ignored on AWS."
  type        = string
  default     = "http://localhost:4566"

  validation {
    condition     = can(regex("^https?://[^/]+$", var.aws_endpoint))
    error_message = "aws_endpoint must be a URL without a path, such as http://localhost:4566."
  }
}

variable "aws_region" {
  description = "AWS region in the commercial partition `aws`: China, GovCloud and the sovereign clouds are refused."
  type        = string
  default     = "us-east-1"

  # See docs/decisions.md for why other partitions are refused. The words are those that region_code shortens.
  validation {
    condition     = can(regex("^[a-z]{2}-(north|south|east|west|central|northeast|northwest|southeast|southwest)-[0-9]$", var.aws_region)) && !startswith(var.aws_region, "cn-")
    error_message = "aws_region must be the code of a region in the partition `aws`, such as eu-central-1."
  }
}

variable "project_name" {
  description = "Prefix of every resource's name."
  type        = string
  default     = "task-manager"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.project_name))
    error_message = "project_name must have 3 to 20 lower-case letters, digits and hyphens, and begin with a letter."
  }

  # It begins the prefix of the user pool's domain, in which Cognito refuses these words anywhere.
  validation {
    condition     = length(regexall("aws|amazon|cognito", var.project_name)) == 0
    error_message = "project_name must not contain aws, amazon or cognito: Cognito refuses them in a domain's prefix."
  }

  # It also begins the names of buckets.
  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
  validation {
    condition     = !can(regex("^(xn--|sthree-|amzn-s3-demo-)", var.project_name))
    error_message = "project_name must not begin with xn--, sthree- or amzn-s3-demo-: S3 reserves these prefixes."
  }
}

variable "environment" {
  description = "Distinguishes deployments in one account: local, dev, prod, a branch."
  type        = string
  default     = "local"

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,10}[a-z0-9]$", var.environment))
    error_message = "environment must have 2 to 12 lower-case letters, digits and hyphens."
  }

  validation {
    condition     = length(regexall("aws|amazon|cognito", var.environment)) == 0
    error_message = "environment must not contain aws, amazon or cognito: Cognito refuses them in a domain's prefix."
  }
}
