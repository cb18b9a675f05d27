# API

variable "api_type" {
  description = "Kind of API Gateway: `http`, or `rest` where the local cloud has no HTTP APIs. By default `http` on AWS, `rest` elsewhere."
  type        = string
  default     = null

  validation {
    condition     = var.api_type == null || contains(["http", "rest"], coalesce(var.api_type, "http"))
    error_message = "api_type must be `http` or `rest`."
  }
}

variable "api_access_logs" {
  # This deployment does not set that role: aws_api_gateway_account is shared by all APIs of the account and region.
  description = "Write a log line for each request and, with a REST API, for each of its errors; by default true on AWS. REST APIs need the account's role for API Gateway's logs in that region: without one, set false."
  type        = bool
  default     = null
}

variable "cors_allowed_origins" {
  description = "Origins whose pages may call the API from a browser, such as https://tasks.example.com; none by default."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.cors_allowed_origins : can(regex("^(\\*|https?://[^/*A-Z]+)$", origin))])
    error_message = "cors_allowed_origins must hold origins (scheme, host, port; no path; in lower case, as browsers send them) or \"*\"."
  }
}

variable "cors_allowed_headers" {
  description = "Request headers that these pages may send besides those that the API reads and those of W3C Trace Context and X-Ray, such as `b3`; none by default."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for name in var.cors_allowed_headers : can(regex("^[0-9a-z_-]+$", name))])
    error_message = "cors_allowed_headers must hold names of headers in lower case."
  }
}

variable "api_throttling_rate_limit" {
  description = "Requests per second that the API accepts in the long run; it answers others with 429."
  type        = number
  default     = 500

  validation {
    condition     = var.api_throttling_rate_limit > 0
    error_message = "api_throttling_rate_limit must be positive."
  }
}

variable "api_throttling_burst_limit" {
  description = "Requests that the API accepts at once before it throttles."
  type        = number
  default     = 1000

  validation {
    condition     = var.api_throttling_burst_limit > 0
    error_message = "api_throttling_burst_limit must be positive."
  }
}

# Custom domain and firewall

variable "api_domain_name" {
  description = "Custom domain name of the API, such as api.example.com; empty for the one that AWS gives it."
  type        = string
  default     = ""

  validation {
    condition     = var.api_domain_name == "" || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.api_domain_name))
    error_message = "api_domain_name must be a host name in lower case, without scheme or path."
  }

  validation {
    condition     = (var.api_domain_name == "") == (var.api_certificate_arn == "")
    error_message = "api_domain_name and api_certificate_arn require each other: set both or neither."
  }
}

variable "api_certificate_arn" {
  description = "ACM certificate of api_domain_name, in the region of the API."
  type        = string
  default     = ""

  validation {
    condition     = var.api_certificate_arn == "" || can(regex("^arn:[a-z-]+:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-f-]+$", var.api_certificate_arn))
    error_message = "api_certificate_arn must be the ARN of an ACM certificate."
  }
}

variable "api_hosted_zone_id" {
  description = "Route 53 zone that gets a record for api_domain_name; empty if the record is elsewhere (output api_domain_target)."
  type        = string
  default     = ""

  validation {
    condition     = var.api_hosted_zone_id == "" || (can(regex("^Z[A-Z0-9]+$", var.api_hosted_zone_id)) && var.api_domain_name != "")
    error_message = "api_hosted_zone_id must be the id of a Route 53 zone (Z…), and requires api_domain_name."
  }
}

variable "waf_rate_limit" {
  description = "Requests in five minutes beyond which AWS WAF blocks an address; AWS's rules against common attacks are added. 0 for no WAF. REST APIs only."
  type        = number
  default     = 0

  validation {
    condition     = var.waf_rate_limit == 0 || (var.waf_rate_limit >= 10 && var.waf_rate_limit <= 2000000000 && floor(var.waf_rate_limit) == var.waf_rate_limit)
    error_message = "waf_rate_limit must be 0, or a whole number from 10 to 2000000000."
  }

  validation {
    condition     = var.waf_rate_limit == 0 || (var.target == "aws" && coalesce(var.api_type, "http") == "rest")
    error_message = "waf_rate_limit requires api_type = \"rest\" on AWS: WAF does not support HTTP APIs."
  }
}
