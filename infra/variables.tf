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

# Functions

variable "package_manifest" {
  description = "Path of the manifest that scripts/package.py wrote: which code, for which Python and architecture."
  type        = string
  default     = "../build/manifest.json"

  validation {
    condition     = fileexists(var.package_manifest)
    error_message = "There is no package yet: run `make package`."
  }
}

variable "lambda_memory_size" {
  description = "Memory of a function in MB, where the function map does not say otherwise; processing power goes with it."
  type        = number
  default     = 512

  validation {
    condition     = var.lambda_memory_size >= 128 && var.lambda_memory_size <= 10240 && floor(var.lambda_memory_size) == var.lambda_memory_size
    error_message = "lambda_memory_size is a whole number from 128 to 10240."
  }
}

variable "lambda_timeout_seconds" {
  description = "Time limit of a function, where the function map does not say otherwise."
  type        = number
  default     = 15

  validation {
    condition     = var.lambda_timeout_seconds >= 1 && var.lambda_timeout_seconds <= 29
    error_message = "lambda_timeout_seconds is from 1 to 29: API Gateway waits no longer than that."
  }
}

variable "aws_ca_bundle" {
  # https://www.amazontrust.com/repository/. Loading all that botocore trusts is a fifth of a cold start; functions that
  # are to call places other than AWS need them. Local clouds are called without TLS.
  description = "Certificate authorities that functions trust: `amazon` (those of AWS's endpoints) or `default` (all of botocore's)."
  type        = string
  default     = "amazon"

  validation {
    condition     = contains(["amazon", "default"], var.aws_ca_bundle)
    error_message = "aws_ca_bundle is `amazon` or `default`."
  }
}

variable "lambda_snap_start" {
  description = "Start functions from a snapshot of their initialised state (SnapStart; Python 3.12 or newer, at a price)."
  type        = bool
  default     = false
}

variable "lambda_architecture" {
  description = "Processor architecture that the package must have been built for: `arm64` or `x86_64`; any by default."
  type        = string
  default     = null

  validation {
    condition     = var.lambda_architecture == null || contains(["arm64", "x86_64"], coalesce(var.lambda_architecture, "arm64"))
    error_message = "lambda_architecture is `arm64` or `x86_64`."
  }

  validation {
    condition     = var.lambda_architecture == null || try(jsondecode(file(var.package_manifest)).architecture == var.lambda_architecture, true)
    error_message = "The package was built for another lambda_architecture: run `python -m scripts.package --architecture …`."
  }
}

variable "lambda_reserved_concurrency" {
  description = "Concurrent executions reserved for a function, by its name in the function map; others share what is left."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for executions in values(var.lambda_reserved_concurrency) : executions >= 0])
    error_message = "lambda_reserved_concurrency must not be negative."
  }
}

variable "log_level" {
  description = "The least severe log lines that functions write."
  type        = string
  default     = "INFO"

  validation {
    condition     = contains(["DEBUG", "INFO", "WARN", "ERROR"], var.log_level)
    error_message = "log_level is DEBUG, INFO, WARN or ERROR."
  }
}

variable "cloudwatch_retention_days" {
  description = "How long logs are kept, in days."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.cloudwatch_retention_days)
    error_message = "cloudwatch_retention_days is one of the periods that CloudWatch Logs knows, such as 7, 14, 30, 90, 365."
  }
}

variable "enable_xray_tracing" {
  description = "Trace requests through the functions with X-Ray."
  type        = bool
  default     = false
}

# Front door

variable "api_type" {
  description = "Kind of API Gateway: `http`, or `rest` where the local cloud has no HTTP APIs. By default `http` on AWS, `rest` elsewhere."
  type        = string
  default     = null

  validation {
    condition     = var.api_type == null || contains(["http", "rest"], coalesce(var.api_type, "http"))
    error_message = "api_type is `http` or `rest`."
  }
}

variable "cors_allowed_origins" {
  description = "Origins whose pages may call the API from a browser, such as https://tasks.example.com; none by default."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.cors_allowed_origins : can(regex("^(\\*|https?://[^/*]+)$", origin))])
    error_message = "cors_allowed_origins holds origins (scheme, host, port; no path) or \"*\"."
  }
}

variable "api_throttling_rate_limit" {
  description = "Requests per second that the API takes in the long run; beyond it answers 429."
  type        = number
  default     = 500

  validation {
    condition     = var.api_throttling_rate_limit > 0
    error_message = "api_throttling_rate_limit must be positive."
  }
}

variable "api_throttling_burst_limit" {
  description = "Requests that the API takes at once before it throttles."
  type        = number
  default     = 1000

  validation {
    condition     = var.api_throttling_burst_limit > 0
    error_message = "api_throttling_burst_limit must be positive."
  }
}

# Events

variable "event_archive_days" {
  description = "How long the bus keeps events for replay, in days; 0 keeps them for ever."
  type        = number
  default     = 90

  validation {
    condition     = var.event_archive_days >= 0 && floor(var.event_archive_days) == var.event_archive_days
    error_message = "event_archive_days is a whole number, 0 or more."
  }
}

variable "retention_days" {
  description = "How long the table keeps a completed task, in days."
  type        = number
  default     = 90

  validation {
    condition     = var.retention_days >= 1 && floor(var.retention_days) == var.retention_days
    error_message = "retention_days is a whole number, 1 or more."
  }
}

variable "stream_parallelization_factor" {
  description = "Batches of a stream's shard that the relay works on at once; the writes of one task keep their order."
  type        = number
  default     = 1

  validation {
    condition     = var.stream_parallelization_factor >= 1 && var.stream_parallelization_factor <= 10
    error_message = "stream_parallelization_factor is from 1 to 10."
  }
}

variable "local_retry_seconds" {
  description = "How soon a local queue hands out again what failed, in seconds; on AWS it is six times the function's time limit."
  type        = number
  default     = null

  validation {
    condition     = var.local_retry_seconds == null || (var.target == "local" && coalesce(var.local_retry_seconds, 0) > 0)
    error_message = "local_retry_seconds is positive, and for local clouds only."
  }
}

variable "notification_email" {
  description = "Address that notifications are sent to; empty for none."
  type        = string
  default     = ""

  validation {
    condition     = var.notification_email == "" || can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.notification_email))
    error_message = "notification_email is an e-mail address, or empty."
  }
}

# Approval

variable "approval_timeout_seconds" {
  description = "How long a high-priority task waits for a decision before approval_timeout_action decides."
  type        = number
  default     = 86400

  validation {
    condition     = var.approval_timeout_seconds >= 1 && var.approval_timeout_seconds <= 31536000 && floor(var.approval_timeout_seconds) == var.approval_timeout_seconds
    error_message = "approval_timeout_seconds is a whole number from 1 to a year's 31536000."
  }
}

variable "approval_timeout_action" {
  description = "What a decision that nobody took in time is: `reject` or `approve`."
  type        = string
  default     = "reject"

  validation {
    condition     = contains(["approve", "reject"], var.approval_timeout_action)
    error_message = "approval_timeout_action is `approve` or `reject`."
  }
}

variable "approval_log_execution_data" {
  description = "Write what the workflow's states are given and give into its log: helps in development, discloses reasons and approvers."
  type        = bool
  default     = false
}

# Operation

variable "alarm_email" {
  description = "Address that alarms are sent to; empty for none."
  type        = string
  default     = ""

  validation {
    condition     = var.alarm_email == "" || can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.alarm_email))
    error_message = "alarm_email is an e-mail address, or empty."
  }
}
