# The dashboard: business metrics, then each stage from the API to the workflow. Its widgets are derived from the
# function map.
locals {
  dashboard_name   = "${local.prefix}-${local.region_code}"
  dashboard_period = 300

  # Stages of the pipeline by what calls their functions, as the map says.
  stages = { http = "API functions", stream = "Relay and delivery", queue = "Reactions", workflow = "Approval functions" }
  staged = {
    for trigger in keys(local.stages) : trigger => [
      for name, function in local.functions : local.function_names[name] if function.trigger.type == trigger
    ]
  }

  # Our own metrics are found, not listed: their dimensions are in services/core/metrics.py.
  own_metrics = {
    TasksCreated        = ["Created", "Sum", ["priority"]]
    TasksCompleted      = ["Completed", "Sum", ["priority"]]
    CompletionSeconds   = ["Lead time", "p50", []]
    StatusChanges       = ["Status changes", "Sum", ["status"]]
    Approvals           = ["Approvals", "Sum", ["outcome"]]
    ApprovalsRequested  = ["Approvals asked for", "Sum", []]
    ApprovalsTimedOut   = ["Approvals timed out", "Sum", []]
    ApprovalWaitSeconds = ["Wait for an approval", "p50", []]
    RelayLagSeconds     = ["Relay lag (write to bus), p99", "p99", []]
    ReactionLagSeconds  = ["Reaction lag (queue to done), p99", "p99", ["detailType"]]
    ReactionFailures    = ["Messages given back", "Sum", []]
    ParkedRecords       = ["Parked records", "Sum", []]
  }
  own_widgets = { for metric, about in local.own_metrics : metric => {
    title = about[0]
    stat  = about[1]
    metrics = [[{
      id         = "found"
      label      = ""
      expression = "SEARCH('{TaskManager,${join(",", concat(["environment", "service"], about[2]))}} MetricName=\"${metric}\" environment=\"${var.environment}\"', '${about[1]}', ${local.dashboard_period})"
    }]]
  } }

  api_dimensions = flatten([for name, value in local.api_metrics.dimensions : [name, value]])
}

# The rows, from above: each has a title and widgets that share its width.
locals {
  dashboard_rows = concat(
    [
      { title = "Business", widgets = [
        local.own_widgets.TasksCreated,
        local.own_widgets.TasksCompleted,
        merge(local.own_widgets.CompletionSeconds, { title = "Lead time (created to completed), p50" }),
        local.waiting_widget,
      ] },
      { title = "Approvals", widgets = [
        local.own_widgets.StatusChanges,
        local.own_widgets.Approvals,
        local.own_widgets.ApprovalsRequested,
        local.own_widgets.ApprovalsTimedOut,
        merge(local.own_widgets.ApprovalWaitSeconds, { title = "Wait for an approval, p50" }),
        local.workflow_widget,
      ] },
      { title = "Front door", widgets = [
        { title = "Requests", stat = "Sum", metrics = [concat(["AWS/ApiGateway", local.api_metrics.requests], local.api_dimensions)] },
        { title = "Errors", stat = "Sum", metrics = [
          concat(["AWS/ApiGateway", local.api_metrics.client_errors], local.api_dimensions),
          concat(["AWS/ApiGateway", local.api_metrics.server_errors], local.api_dimensions),
        ] },
        { title = "Latency, p50 to p99", stat = "p50", metrics = [
          for stat in ["p50", "p90", "p99"] :
          concat(["AWS/ApiGateway", local.api_metrics.latency], local.api_dimensions, [{ stat = stat, label = stat }])
        ] },
      ] },
    ],
    [for trigger, title in local.stages : { title = title, widgets = [for widget in [
      ["Calls", "Invocations", "Sum"],
      ["Errors", "Errors", "Sum"],
      ["Duration, p50", "Duration", "p50"],
      ["Duration, p99", "Duration", "p99"],
      ["Throttles", "Throttles", "Sum"],
      ["Concurrency", "ConcurrentExecutions", "Maximum"],
      ] : {
      title   = widget[0]
      stat    = widget[2]
      metrics = [for name in local.staged[trigger] : ["AWS/Lambda", widget[1], "FunctionName", name]]
    }] }],
    [
      { title = "Events", widgets = [
        local.own_widgets.RelayLagSeconds,
        local.own_widgets.ReactionLagSeconds,
        { title = "Stream iterator age", stat = "Maximum", metrics = [
          for name in local.staged.stream : ["AWS/Lambda", "IteratorAge", "FunctionName", name]
        ] },
        local.own_widgets.ReactionFailures,
      ] },
      { title = "Queues", widgets = [
        { title = "Depth", stat = "Maximum", metrics = [
          for queue in values(local.queue_names) : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue]
        ] },
        { title = "Age of the oldest message", stat = "Maximum", metrics = [
          for queue in values(local.queue_names) : ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", queue]
        ] },
        { title = "Dead letters", stat = "Maximum", metrics = [
          for queue in values(local.dead_letter_queue_names) : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue]
        ] },
        local.own_widgets.ParkedRecords,
      ] },
      { title = "Tables", widgets = [
        { title = "Read and write capacity", stat = "Sum", metrics = concat(
          [for table in values(local.table_names) : ["AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName", table]],
          [for table in values(local.table_names) : ["AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", table]],
        ) },
        { title = "Throttles", stat = "Sum", metrics = concat([for alarm in values(local.table_alarms) : [
          for metric in values(alarm.metrics) :
          concat([metric.namespace, metric.name], flatten([for name, value in metric.dimensions : [name, value]]))
        ]]...) },
        { title = "Errors of DynamoDB", stat = "Sum", metrics = [[{
          id         = "found"
          label      = ""
          expression = "SEARCH('{AWS/DynamoDB,TableName,Operation} MetricName=\"SystemErrors\" TableName=(${join(" OR ", [for table in values(local.table_names) : "\"${table}\""])})', 'Sum', ${local.dashboard_period})"
        }]] },
      ] },
    ],
  )
}

# Counters, and widgets other than charts.
locals {
  # The start of workflows and every way in which they end.
  workflow_metrics = { for name in ["Started", "Succeeded", "Failed", "TimedOut", "Aborted"] :
    name => ["AWS/States", "Executions${name}", "StateMachineArn", local.approval_arn]
  }
  workflow_widget = { title = "Workflows", stat = "Sum", metrics = values(local.workflow_metrics) }

  # CloudWatch has no metric for the number of running executions.
  waiting_widget = { title = "Waiting approvals, of those begun in the time shown", stat = "Sum", metrics = concat(
    [[{
      id         = "waiting"
      label      = "Waiting"
      expression = "RUNNING_SUM(FILL(started, 0) - FILL(succeeded, 0) - FILL(failed, 0) - FILL(timedout, 0) - FILL(aborted, 0))"
    }]],
    [for name, metric in local.workflow_metrics : concat(metric, [{ id = lower(name), visible = false }])],
  ) }

  # Below the alarms, which are six high: a row is one high for its title and six for its widgets.
  dashboard_charts = flatten([for row, content in local.dashboard_rows : concat(
    [{
      type       = "text", x = 0, y = 6 + row * 7, width = 24, height = 1
      properties = { markdown = "## ${content.title}" }
    }],
    [for column, widget in content.widgets : {
      type  = "metric", x = column * floor(24 / length(content.widgets)), y = 7 + row * 7
      width = floor(24 / length(content.widgets)), height = 6
      properties = {
        title   = widget.title
        region  = var.aws_region
        stat    = widget.stat
        period  = local.dashboard_period
        metrics = widget.metrics
      }
    }],
  )])
}

resource "aws_cloudwatch_dashboard" "this" {
  count = var.monitoring == "full" ? 1 : 0

  dashboard_name = local.dashboard_name

  dashboard_body = jsonencode({
    widgets = concat(
      [{
        type       = "alarm", x = 0, y = 0, width = 24, height = 6
        properties = { title = "Alarms", sortBy = "stateUpdatedTimestamp", alarms = values(local.alarm_arns) }
      }],
      local.dashboard_charts,
      [{
        type = "log", x = 0, y = 6 + length(local.dashboard_rows) * 7, width = 24, height = 8
        properties = {
          title  = "Recent errors"
          region = var.aws_region
          view   = "table"
          query = join(" | ", concat(
            [for name in values(local.function_names) : "SOURCE '/aws/lambda/${name}'"],
            [
              # Our own lines; those of Lambda's runtime (error…); and platform reports (record…), the only trace of a
              # time-out or a crash. Phases that succeeded are not delivered: see system_log_level.
              "fields @timestamp, service, message, reason, exception_name, correlation_id, errorType, errorMessage, type, record.status, record.errorType, record.requestId, @logStream",
              "filter level in [\"ERROR\", \"CRITICAL\"] or (type in [\"platform.report\", \"platform.initReport\", \"platform.restoreReport\"] and record.status in [\"timeout\", \"error\", \"failure\"])",
              "sort @timestamp desc",
              "limit 50",
            ],
          ))
        }
      }],
    )
  })
}
