"""The assistant: threads, prompts and streamed answers."""

from handlers.assistant import assistant, messages, runs, threads

MODULES = (
    assistant,
    messages,
    runs,
    threads,
)
