// The API's data as the console reads it; a test compares it with docs/openapi.json.

export type Status = "pending_approval" | "pending" | "approved" | "rejected" | "in_progress" | "completed";
export type Priority = "low" | "medium" | "high";
export type Decision = "approve" | "reject";

export interface Approval {
  decision: Decision;
  approver: string;
  reason?: string | null;
  decidedAt: string;
  taskVersion?: number | null;
}

export interface Task {
  taskId: string;
  title: string;
  description: string;
  priority: Priority;
  status: Status;
  userId: string;
  tags: string[];
  createdAt: string;
  updatedAt: string;
  version: number;
  approval?: Approval | null;
}

export interface TaskPage {
  tasks: Task[];
  count: number;
  nextCursor: string | null;
}

export interface NewTask {
  title: string;
  userId?: string;
  description?: string;
  priority?: Priority;
  tags?: string[];
}

export interface TaskChanges {
  title?: string;
  description?: string;
  status?: Status;
  priority?: Priority;
  tags?: string[];
}

export interface ApprovalRequest {
  decision: Decision;
  reason?: string;
  approver?: string;
}

export interface FeedEntry {
  eventId: string;
  detailType: string;
  occurredAt: string;
  recordedAt: string;
  latencyMilliseconds?: number;
  correlationId: string;
  taskId: string;
  userId: string;
  title: string;
  priority: Priority;
  status: Status;
  previousStatus?: Status;
  version: number;
  changed: string[];
}

export interface EventList {
  events: FeedEntry[];
  count: number;
}

export interface UserStatistics {
  userId: string;
  created?: number;
  completed?: number;
  averageCompletionSeconds?: number;
  lastCompletedAt?: string | null;
}

export interface ProblemError {
  pointer: string;
  detail: string;
}

/** The rules of the domain, which the build writes into the page. */
export interface Rules {
  statuses: Status[];
  moves: Record<Status, { approved: Status[]; otherwise: Status[] }>;
  limits: Record<"title" | "description", number>;
}
