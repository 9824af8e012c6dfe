"""Timed assessments: what is asked, who attempts it, when their time is up, and what came of it.

Times are the server's. A deadline is a column, and the moment at which a call arrived decides; whoever changes an
attempt locks its row first, so that exactly one of the person, a late command and the clock ends it.
"""

from models.assessment.accommodation import Accommodation
from models.assessment.assessment import Assessment, Pick, Section
from models.assessment.attempt import Attempt
from models.assessment.bank import Bank, Question, QuestionVersion
from models.assessment.owned import Author
from models.assessment.package import Package, PackageAccess
from models.assessment.response import Response

__all__ = [
    "Accommodation",
    "Assessment",
    "Attempt",
    "Author",
    "Bank",
    "Package",
    "PackageAccess",
    "Pick",
    "Question",
    "QuestionVersion",
    "Response",
    "Section",
]
__models__ = [
    Package,
    PackageAccess,
    Bank,
    Question,
    QuestionVersion,
    Assessment,
    Section,
    Attempt,
    Response,
    Accommodation,
]
