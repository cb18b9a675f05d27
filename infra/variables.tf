# Where

variable "target" {
  description = "Which kind of cloud to deploy to: `local` (an emulator at aws_endpoint) or `aws`."
  type        = string
  default     = "local"

  validation {
    condition     = contains(["local", "aws"], var.target)
    error_message = "target is `local` or `aws`."
  }
}

variable "aws_endpoint" {
  description = "URL of the local cloud; without meaning on AWS."
  type        = string
  default     = "http://localhost:4566"

  validation {
    condition     = can(regex("^https?://[^/]+$", var.aws_endpoint))
    error_message = "aws_endpoint is a URL without a path, such as http://localhost:4566."
  }
}

variable "aws_region" {
  description = "AWS region."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "aws_region is a region's code, such as eu-central-1."
  }
}

variable "project_name" {
  description = "Begins the name of every resource."
  type        = string
  default     = "task-manager"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.project_name))
    error_message = "project_name has 3 to 20 lower-case letters, digits and hyphens, and begins with a letter."
  }
}

variable "environment" {
  description = "Tells deployments in one account apart: local, dev, prod, a branch."
  type        = string
  default     = "local"

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,10}[a-z0-9]$", var.environment))
    error_message = "environment has 2 to 12 lower-case letters, digits and hyphens."
  }
}
