"""The default flow, as data. Changed steps are a new version: who has begun an earlier one goes on with that one."""

from collections.abc import Mapping, Sequence
from typing import Any

NAME, VERSION = "default", 1

LEVELS = ["beginner", "elementary", "intermediate", "advanced", "fluent"]


def _text(name: str, title: str, *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "title": title, "kind": "text", "required": required}


def _texts(name: str, title: str, *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "title": title, "kind": "texts", "required": required}


def _choice(name: str, title: str, options: Sequence[str], *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "title": title, "kind": "choice", "options": list(options), "required": required}


STEPS: Sequence[Mapping[str, Any]] = (
    {
        "name": "role",
        "title": "What brings you here?",
        "optional": False,
        "roles": None,
        "questions": [
            _choice(
                "role", "You are a …", ["learner", "job_seeker", "employer", "consultant", "instructor"], required=True
            )
        ],
    },
    {
        "name": "goals",
        "title": "What do you want to reach?",
        "optional": False,
        "roles": None,
        "questions": [
            {
                "name": "goals",
                "title": "Your goals",
                "kind": "choices",
                "options": ["find_job", "pass_exam", "learn_language", "improve_resume"],
                "required": True,
            }
        ],
    },
    {
        "name": "learner",
        "title": "What do you want to learn?",
        "optional": False,
        "roles": ["learner"],
        "questions": [
            _text("exam", "The exam that you prepare for", required=False),
            {"name": "native_language", "title": "Your native language", "kind": "language", "required": False},
            {"name": "target_language", "title": "The language to learn", "kind": "language", "required": False},
            _choice("level", "Where you stand", LEVELS),
        ],
    },
    {
        "name": "job_seeker",
        "title": "Which work do you look for?",
        "optional": False,
        "roles": ["job_seeker"],
        "questions": [
            _text("desired_title", "The title of the job"),
            _choice("work_mode", "Where you want to work", ["on_site", "hybrid", "remote"]),
            _texts("locations", "Places", required=False),
            _texts("skills", "Your skills", required=False),
        ],
    },
    {
        "name": "employer",
        "title": "For whom do you hire?",
        "optional": False,
        "roles": ["employer"],
        "questions": [_text("company", "Your company")],
    },
    {
        "name": "consultant",
        "title": "What do you advise on?",
        "optional": False,
        "roles": ["consultant"],
        "questions": [
            _texts("specialties", "Your specialties"),
            {"name": "timezone", "title": "Your time zone", "kind": "timezone", "required": True},
        ],
    },
    {
        "name": "experience",
        "title": "What have you done so far?",
        "optional": True,
        "roles": None,
        "questions": [
            {"name": "years", "title": "Years of experience", "kind": "integer", "max": 70, "required": False},
            _text("summary", "In a few words", required=False),
        ],
    },
    {
        "name": "notifications",
        "title": "How may we reach you?",
        "optional": True,
        "roles": None,
        "questions": [{"name": "email", "title": "Send me e-mails", "kind": "boolean", "required": True}],
    },
)
"""`roles`: who gets the step, by the answer to the first one; null: everybody."""
