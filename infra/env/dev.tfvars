target                    = "aws"
environment               = "dev"
cloudwatch_retention_days = 14
log_level                 = "DEBUG"
enable_xray_tracing       = true
monitoring                = "lean"
