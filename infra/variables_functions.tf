# Functions

variable "package_manifest" {
  description = "Path of the manifest that scripts/build/package.py wrote: which code, for which Python and architecture."
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
    error_message = "lambda_memory_size must be a whole number from 128 to 10240."
  }
}

variable "lambda_timeout_seconds" {
  description = "Time limit of a function, where the function map does not say otherwise."
  type        = number
  default     = 15

  validation {
    condition     = var.lambda_timeout_seconds >= 1 && var.lambda_timeout_seconds <= 29
    error_message = "lambda_timeout_seconds must be from 1 to 29: API Gateway waits no longer than that."
  }
}

variable "aws_ca_bundle" {
  # https://www.amazontrust.com/repository/. Loading all of botocore's authorities is a fifth of a cold start; only
  # functions that call hosts other than AWS's need them. Local clouds are called without TLS.
  description = "Certificate authorities that functions trust: `amazon` (those of AWS's endpoints) or `default` (all of botocore's)."
  type        = string
  default     = "amazon"

  validation {
    condition     = contains(["amazon", "default"], var.aws_ca_bundle)
    error_message = "aws_ca_bundle must be `amazon` or `default`."
  }
}

variable "lambda_snap_start" {
  description = "Start functions from a snapshot of their initialised state (SnapStart; Python 3.12 or newer, at a price)."
  type        = bool
  default     = false
}

variable "lambda_architecture" {
  description = "Processor that functions run on: `arm64` or `x86_64`; by default the one that the package was built for. `make deploy` builds for it, and for `arm64` by default."
  type        = string
  default     = null

  validation {
    condition     = var.lambda_architecture == null || contains(["arm64", "x86_64"], coalesce(var.lambda_architecture, "arm64"))
    error_message = "lambda_architecture must be `arm64` or `x86_64`."
  }

  validation {
    condition     = var.lambda_architecture == null || try(jsondecode(file(var.package_manifest)).architecture == var.lambda_architecture, true)
    error_message = "The package was built for another lambda_architecture: run `make plan` or `make deploy`, which build it, or `.venv/bin/task-manager package --architecture …`."
  }
}

variable "lambda_reserved_concurrency" {
  description = "Concurrent executions reserved for a function, by its name in the function map; others share what is left. A new account, whose quota is 10, can reserve none."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for executions in values(var.lambda_reserved_concurrency) : executions >= 0])
    error_message = "lambda_reserved_concurrency must not be negative."
  }

  validation {
    condition     = alltrue([for name in keys(var.lambda_reserved_concurrency) : contains(keys(local.functions), name)])
    error_message = "lambda_reserved_concurrency must name functions of services/functions.json."
  }

  # Lambda's minimum for the maximum concurrency of a queue's reader:
  # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
  validation {
    condition     = alltrue([for name, executions in var.lambda_reserved_concurrency : executions != 1 || !contains(keys(local.queue_functions), name)])
    error_message = "lambda_reserved_concurrency of a function that reads a queue must be 0 (the queue waits) or at least 2."
  }
}

variable "log_level" {
  description = "Least severe level of the log lines that functions write themselves. Metrics are written, and libraries log warnings only, at every level."
  type        = string
  default     = "INFO"

  validation {
    condition     = contains(["DEBUG", "INFO", "WARN", "ERROR"], var.log_level)
    error_message = "log_level must be DEBUG, INFO, WARN or ERROR."
  }
}

variable "cloudwatch_retention_days" {
  description = "How long logs are kept, in days."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.cloudwatch_retention_days)
    error_message = "cloudwatch_retention_days must be a period that CloudWatch Logs supports, such as 7, 14, 30, 90 or 365."
  }
}

variable "enable_xray_tracing" {
  description = "Trace requests through the functions with X-Ray."
  type        = bool
  default     = false
}
