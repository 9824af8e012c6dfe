"""Attempts: begun once, saved, resumed anywhere, ended once."""

import pytest

from tests.exams import WEIGHT, exam
from tests.support import RpcError, Server


@pytest.mark.seed("S0-28", "S0-29", "S0-30", "S0-31")
async def test_an_exam_from_its_start_to_its_result(server: Server) -> None:
    test = await exam(server, passing_percentage=80.0)
    _, client = await test.taker()
    attempt = await test.start(client)
    await client.subscribe({f"attempt:{attempt['id']}": {"seq": 0}})
    assert [one["question_id"] for one in attempt["items"]] == test.question_ids
    for number, id_ in enumerate(test.question_ids[:6]):
        saved = await client.call(
            "assessment.attempt.save_response", assessment_id=test.id, question_id=id_, response=test.right(id_)
        )
        assert saved["answered"] == number + 1
    done = await client.call("assessment.attempt.submit", assessment_id=test.id)
    assert done["state"] == "graded"
    assert done["submitted_by"] == "user"
    assert done["result"]["score"] == round(6 * WEIGHT, 4)
    assert done["result"]["percentage"] == round(600 / 7, 10)
    assert done["result"]["passed"] is True
    assert [one["name"] for one in done["result"]["sections"]] == ["First", "Second"]
    assert {one["name"]: one["percentage"] for one in done["result"]["tags"]} == {"choice": 100, "number": 100}
    listed = await client.call("assessment.attempt.list")
    assert [one["id"] for one in listed["items"]] == [attempt["id"]]
    events = [one["method"] for one in (await client.until(8))]
    assert events[-2:] == ["attempt.submitted", "attempt.graded"]
    with pytest.raises(RpcError) as refused:
        await client.call("assessment.attempt.submit", attempt_id=attempt["id"])
    assert refused.value.kind == "invalid_state"
