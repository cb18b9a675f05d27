target                    = "local"
environment               = "local"
cors_allowed_origins      = ["*"]
cloudwatch_retention_days = 1
local_retry_seconds       = 20
