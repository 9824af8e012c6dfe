"""Telling somebody who is not there that messages wait for them: once a conversation, until they read it.

Most messages reach somebody who is there, so sending does no more than see to it that somebody looks a moment later. It
is long enough for a phone that has lost its network to be known to be away, and to come back.
"""

from datetime import datetime
from uuid import UUID

from models.contacts import relation
from models.messaging.conversation import Conversation, Participant
from models.notification import Notification
from models.work import Work

TYPE = "message.waiting"


async def give(work: Work, conversation_id: UUID, user_id: UUID, due: datetime, *, there: bool) -> None:
    """The moment to look has come: tell the person, unless they are there, have read everything, or muted it.

    Nothing is told either where one of the two has blocked the other.

    Who is not told now is looked after anew from the next message on. A conversation that was read since is no longer
    this look's concern.
    """
    conversation = await Conversation.locked().get_or_none(id=conversation_id)
    seats = Participant.filter(conversation_id=conversation_id, user_id=user_id, notice_at=due)
    if conversation is None or not await seats.exists():
        return
    seen = await conversation.seen_by(user_id)
    blocked = (await relation(user_id, seen.user_id)).blocked
    if there or seen.muted or not seen.unread_count or blocked:
        await seats.update(notice_at=None)
        return
    several = f"{seen.unread_count} messages wait" if seen.unread_count > 1 else "A message waits"
    notice_id = await Notification.notify(
        work,
        user_id,
        TYPE,
        title=f"{seen.full_name} has written to you",
        # Not the text itself: whoever deletes a message wants it gone.
        body=f"{several} for you.",
        data={"conversation_id": str(conversation_id), "user_id": str(seen.user_id)},
    )
    await seats.update(notice_id=notice_id)
