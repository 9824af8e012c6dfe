"""What this product consists of. Nothing is scanned: what is not listed here does not exist."""

import handlers.account
import handlers.admin
import handlers.admin.audit
import handlers.admin.tasks
import handlers.admin.users
import handlers.assessment.accommodations
import handlers.assessment.assessments
import handlers.assessment.attempts
import handlers.assessment.banks
import handlers.assessment.events
import handlers.assessment.packages
import handlers.assessment.reviewing
import handlers.assessment.saving
import handlers.assistant
import handlers.assistant.messages
import handlers.assistant.runs
import handlers.assistant.threads
import handlers.auth
import handlers.auth.emails
import handlers.auth.events
import handlers.auth.factors
import handlers.auth.identities
import handlers.auth.passwords
import handlers.auth.sessions
import handlers.avatar
import handlers.block
import handlers.conversation
import handlers.file
import handlers.message
import handlers.notification
import handlers.onboarding
import handlers.presence
import handlers.system
import server.edge.session
import workers.account
import workers.assessment
import workers.assistant
import workers.conversation
import workers.file
import workers.mail
import workers.maintenance
import workers.message
import workers.notification
import workers.presence

MODULES = [
    handlers.account,
    handlers.admin,
    handlers.admin.audit,
    handlers.admin.tasks,
    handlers.admin.users,
    handlers.assessment.accommodations,
    handlers.assessment.assessments,
    handlers.assessment.attempts,
    handlers.assessment.banks,
    handlers.assessment.events,
    handlers.assessment.packages,
    handlers.assessment.reviewing,
    handlers.assessment.saving,
    handlers.assistant,
    handlers.assistant.messages,
    handlers.assistant.runs,
    handlers.assistant.threads,
    handlers.auth,
    handlers.auth.emails,
    handlers.auth.events,
    handlers.auth.factors,
    handlers.auth.identities,
    handlers.auth.passwords,
    handlers.auth.sessions,
    handlers.avatar,
    handlers.block,
    handlers.conversation,
    handlers.file,
    handlers.message,
    handlers.notification,
    handlers.onboarding,
    handlers.presence,
    handlers.system,
    server.edge.session,
    workers.account,
    workers.assessment,
    workers.assistant,
    workers.conversation,
    workers.file,
    workers.mail,
    workers.maintenance,
    workers.message,
    workers.notification,
    workers.presence,
]
"""Everything that declares methods, topics, events and tasks. Nothing is scanned: what is not listed does not exist."""

MODELS = [
    "models.system",
    "models.account",
    "models.assessment",
    "models.assistant",
    "models.file",
    "models.messaging",
    "models.notification",
    "models.onboarding",
    "models.presence",
]
