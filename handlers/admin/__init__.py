"""Administration: users, the audit log, tasks, alerts."""

from handlers.admin import alerts, audit, tasks, users

MODULES = (
    alerts,
    audit,
    tasks,
    users,
)
