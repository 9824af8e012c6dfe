"""A real little exam to try things out with: ten questions of nursing, of every type, and what is made of them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from models.assessment import Assessment, Author, Bank, Package, Pick, Question
from models.assessment.assessment import Written as Section
from models.assessment.bank import Written

TITLE = "Fundamentals of nursing"
OPEN_REVIEW = ["correctness", "score", "right_answer", "rationale"]


def _choices(**texts: str) -> list[dict[str, str]]:
    return [{"id": id_, "text": text} for id_, text in texts.items()]


def _question(type_: str, stem: str, key: Mapping[str, Any], rationale: str, **more: Any) -> Written:
    common: dict[str, Any] = {"options": [], "rows": [], "method": "all_or_nothing", "pairs": [], "points": None}
    common |= {"media": [], "tags": [], "difficulty": "medium"}
    return Written(**{**common, "type": type_, "stem": stem, "key": key, "rationale": rationale, **more})


QUESTIONS: Sequence[Written] = (
    _question(
        "single",
        "A client's oxygen saturation falls to 84 % on room air, and the client is short of breath. What does the "
        "nurse do first?",
        {"options": ["b"]},
        "Airway and breathing come first. Upright, the lungs expand better; oxygen raises the saturation while the "
        "cause is looked for.",
        options=_choices(
            a="Record the value and measure again in an hour",
            b="Raise the head of the bed and give oxygen as prescribed",
            c="Offer a glass of water",
            d="Walk with the client along the corridor",
        ),
        tags=["priorities", "respiration"],
    ),
    _question(
        "multiple",
        "Which signs point to a low blood sugar? Select all that apply.",
        {"options": ["a", "b", "c"]},
        "Sweating and tremor come from adrenaline, confusion from the brain's lack of glucose. Deep, rapid "
        "breathing and a fruity breath belong to ketoacidosis, a high blood sugar.",
        options=_choices(
            a="Sweating", b="Tremor", c="Confusion", d="Deep, rapid breathing", e="A breath that smells of fruit"
        ),
        method="plus_minus",
        tags=["endocrine"],
    ),
    _question(
        "true_false",
        "After caring for a client with Clostridioides difficile, rubbing the hands with alcohol is enough.",
        {"value": False},
        "Alcohol does not destroy the spores. Hands are washed with soap and water.",
        tags=["infection control"],
        difficulty="easy",
    ),
    _question(
        "numeric",
        "0.25 mg of digoxin are prescribed. A tablet holds 0.125 mg. How many tablets are given?",
        {"value": 2.0},
        "0.25 mg divided by 0.125 mg a tablet is 2 tablets.",
        tags=["dosage"],
        difficulty="easy",
    ),
    _question(
        "numeric",
        "1,000 mL are to run in over 8 hours. At how many mL an hour is the pump set?",
        {"value": 125.0, "tolerance": 0.5},
        "1,000 mL divided by 8 hours is 125 mL an hour.",
        tags=["dosage"],
    ),
    _question(
        "short_text",
        "A client takes furosemide. A lack of which electrolyte is watched for above all?",
        {"accepted": ["potassium", "K", "K+"]},
        "Loop diuretics make the kidney lose potassium; too little of it endangers the rhythm of the heart.",
        tags=["pharmacology"],
    ),
    _question(
        "ordered",
        "In which order is protective equipment put on?",
        {"order": ["gown", "mask", "goggles", "gloves"]},
        "Gown, mask, goggles, and gloves last, drawn over the cuffs of the gown.",
        options=_choices(gloves="Gloves", mask="Mask", gown="Gown", goggles="Goggles"),
        method="partial",
        tags=["infection control"],
    ),
    _question(
        "matrix",
        "Which precautions does each client need beside the standard ones?",
        {"rows": {"tb": ["airborne"], "flu": ["droplet"], "mrsa": ["contact"], "measles": ["airborne"]}},
        "Tuberculosis and measles travel on the air, influenza in droplets, MRSA in a wound by touch.",
        options=_choices(airborne="Airborne", droplet="Droplet", contact="Contact"),
        rows=_choices(tb="Tuberculosis of the lung", flu="Influenza", mrsa="A wound with MRSA", measles="Measles"),
        method="zero_one",
        tags=["infection control"],
        difficulty="hard",
    ),
    _question(
        "matrix",
        "Two days after an operation of the hip a client suddenly has pain in the chest, is short of breath and has a "
        "pulse of 124. Complete: the client most likely has ..., as shown by ...",
        {"rows": {"condition": ["embolism"], "evidence": ["sudden"]}},
        "After an operation of the hip clots form in the veins of the legs; that all began suddenly speaks for an "
        "embolism. Pneumonia begins slowly, with fever and cough. Both answers count only together.",
        options=_choices(
            embolism="an embolism of the lung",
            pneumonia="a pneumonia",
            sudden="the sudden pain in the chest with shortness of breath",
            fever="the fever with a cough",
        ),
        rows=_choices(condition="The client has ...", evidence="... as shown by"),
        method="rationale",
        pairs=[["condition", "evidence"]],
        tags=["priorities", "respiration"],
        difficulty="hard",
    ),
    _question(
        "multiple",
        "What keeps a confused client from falling? Select three.",
        {"options": ["call", "shoes", "low"]},
        "A bell within reach, shoes that do not slip and a low bed prevent falls. Raised rails on all sides "
        "make people climb over them, and a dark room makes them stumble.",
        options=_choices(
            call="The call bell within reach",
            shoes="Shoes that do not slip",
            low="The bed in its lowest position",
            rails="All four rails raised",
            dark="A room without a light at night",
        ),
        method="partial",
        tags=["safety"],
    ),
)


async def load_exam(owner_id: UUID) -> None:
    """Make the bank, a free exam and a practice, and a package that has to be bought."""
    author = Author(owner_id)
    bank = await Bank.create(owner_id=owner_id, name=TITLE, description="Ten questions, one or more of each type.")
    ids = [(await Question.write(author, bank.id, one)).question_id for one in QUESTIONS]
    free = await Package.create(owner_id=owner_id, title=TITLE, category="nursing", published=True)
    sold = await Package.create(
        owner_id=owner_id,
        title="NCLEX simulation",
        category="nursing",
        published=True,
        price_amount=1_500_000,
        price_currency="NGN",
        product_id=uuid4(),
    )
    every = [Pick(question_id=id_) for id_ in ids]
    exam = {"category": "nursing", "published": True, "shuffle": {"questions": False, "options": True}}
    timed = {"time_limit_seconds": 1200, "passing_percentage": 70.0}
    halves = [Section("Care", "", every[:5]), Section("Judgement", "", every[5:])]
    await Assessment.make(author, {**exam, **timed, "title": TITLE, "package_id": free.id}, halves)
    practice = {
        "title": f"{TITLE}: five at a time",
        "mode": "practice",
        "pausing": True,
        "package_id": free.id,
        "review_policy": {"during": ["correctness", "rationale"], "after_submit": OPEN_REVIEW, "after_close": []},
    }
    drawn = [Section("Five", "Five questions, others each time.", [Pick(bank_id=bank.id, count=5)])]
    await Assessment.make(author, {**exam, **practice}, drawn)
    simulation = {**exam, **timed, "title": "NCLEX simulation", "package_id": sold.id, "max_attempts": 3}
    await Assessment.make(author, {**simulation, "overdue_handling": "graceperiod", "grace_period_seconds": 60}, halves)
