# Delivery

variable "deployment_preference" {
  description = "How calls move to new versions of the functions: `all-at-once`; on AWS also `canary` (a tenth for five minutes) or `linear` (a tenth more every minute), back again when an alarm goes off."
  type        = string
  default     = "all-at-once"

  validation {
    condition     = contains(["all-at-once", "canary", "linear"], var.deployment_preference)
    error_message = "deployment_preference is `all-at-once`, `canary` or `linear`."
  }

  validation {
    condition     = var.deployment_preference == "all-at-once" || var.target == "aws"
    error_message = "A deployment_preference other than `all-at-once` is for AWS only: local clouds have no CodeDeploy."
  }
}

variable "live_versions" {
  description = "Versions that calls stay at for now, by the function's name in the function map; the newest by default. `make deploy` sets it while CodeDeploy moves the calls."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for version in values(var.live_versions) : can(regex("^[1-9][0-9]*$", version))])
    error_message = "live_versions holds numbers of published versions."
  }
}

variable "protect_data" {
  description = "Keep tables and buckets from being destroyed. By default true on AWS, false elsewhere."
  type        = bool
  default     = null
}

variable "backup_retention_days" {
  description = "How long AWS Backup keeps its daily copies of the tables, in days; 0 for no such copies. Point-in-time recovery of 35 days is always on."
  type        = number
  default     = 0

  validation {
    condition     = var.backup_retention_days >= 0 && floor(var.backup_retention_days) == var.backup_retention_days
    error_message = "backup_retention_days is a whole number, 0 or more."
  }

  validation {
    condition     = var.backup_retention_days == 0 || var.target == "aws"
    error_message = "backup_retention_days is for AWS only."
  }
}

# A name of its own, and a filter before it

variable "api_domain_name" {
  description = "Name under which the API is reached, such as api.example.com; empty for the one that AWS gives it."
  type        = string
  default     = ""

  validation {
    condition     = var.api_domain_name == "" || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.api_domain_name))
    error_message = "api_domain_name is a host name in lower case, without scheme or path."
  }

  validation {
    condition     = (var.api_domain_name == "") == (var.api_certificate_arn == "")
    error_message = "api_domain_name goes with api_certificate_arn: give both or neither."
  }
}

variable "api_certificate_arn" {
  description = "ACM certificate of api_domain_name, in the region of the API."
  type        = string
  default     = ""

  validation {
    condition     = var.api_certificate_arn == "" || can(regex("^arn:[a-z-]+:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-f-]+$", var.api_certificate_arn))
    error_message = "api_certificate_arn is the ARN of an ACM certificate."
  }
}

variable "api_hosted_zone_id" {
  description = "Route 53 zone that gets a record for api_domain_name; empty if the name is served elsewhere (output api_domain_target)."
  type        = string
  default     = ""

  validation {
    condition     = var.api_hosted_zone_id == "" || (can(regex("^Z[A-Z0-9]+$", var.api_hosted_zone_id)) && var.api_domain_name != "")
    error_message = "api_hosted_zone_id is the id of a Route 53 zone (Z…), and goes with api_domain_name."
  }
}

variable "waf_rate_limit" {
  description = "Requests of one address in five minutes beyond which AWS WAF blocks it, together with AWS's rules against common attacks; 0 for no WAF. REST APIs only."
  type        = number
  default     = 0

  validation {
    condition     = var.waf_rate_limit == 0 || (var.waf_rate_limit >= 10 && var.waf_rate_limit <= 2000000000 && floor(var.waf_rate_limit) == var.waf_rate_limit)
    error_message = "waf_rate_limit is 0, or a whole number from 10 to 2000000000."
  }

  validation {
    condition     = var.waf_rate_limit == 0 || (var.target == "aws" && coalesce(var.api_type, "http") == "rest")
    error_message = "waf_rate_limit wants api_type = \"rest\", on AWS: WAF takes no HTTP APIs."
  }
}
