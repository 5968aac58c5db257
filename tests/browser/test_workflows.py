"""Agents at work in the page: lanes that stream, the answer as the message, questions that are answered."""

from pathlib import Path
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.chat import Chat

CREW = """
- {name: p-one, label: One, model: openai/gpt-fake, listed: false}
- {name: p-bad, label: Bad, model: demo/fail, listed: false}
- {name: p-asks, label: Asks first, model: demo/tools, listed: false, tools: [fetch_page]}
- name: p-team
  label: A team
  stages:
    - {name: work, label: At work, agents: [p-one, p-bad]}
    - {name: merge, agents: [p-one]}
- {name: p-boss, label: A boss, model: demo/tools, team: [p-team]}
- name: p-questions
  label: Questions
  stages:
    - {name: work, agents: [p-asks]}
    - {name: tone, ask: "Which tone?"}
    - {name: merge, agents: [p-one], input: "Tone: {tone.output}"}
"""


@pytest.fixture(scope="module")
def crew(parley: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    file: Path = tmp_path_factory.mktemp("crew") / "crew.yaml"
    file.write_text(CREW)
    parley.manage("agents_import", str(file))


def test_a_workflow_is_chosen_like_a_model_and_answers_in_one_message(chat: Chat, provider: Any) -> None:
    provider.play(text="All in one.")
    chat.open().choose("novachat").send("Write about tea").ended()
    expect(chat.answer).to_contain_text("All in one.")
    chat.page.reload()
    chat.connected()
    expect(chat.page.locator(".message")).to_have_count(2)
    expect(chat.page.locator(".lane[data-state=done]")).to_have_count(6)
    expect(chat.stop_button).to_be_hidden()


def test_two_browsers_see_a_team_at_work_and_find_its_words_again(
    chat: Chat, context: BrowserContext, crew: None, provider: Any
) -> None:
    goes_on = Event()
    provider.play(pieces=[f"word{index} " for index in range(60)], rate=10, stall_after=20, goes_on=goes_on)
    chat.open().choose("p-team").send("Go")
    expect(chat.lane("One")).to_contain_text("word3")
    other = Chat(context.new_page()).open(chat.path)
    expect(other.lane("One")).to_contain_text("word1 word2 ")  # what came before it looked on
    expect(other.page.locator(".lanes progress")).to_be_visible()
    goes_on.set()
    for one in (chat, other):
        one.ended()
        expect(one.lane("One")).to_have_attribute("data-state", "done")
        expect(one.lane("One")).not_to_have_attribute("open", "")
        expect(one.lane("Bad")).to_contain_text("The provider had an error of its own.")
        expect(one.answer.locator(".lanes + div")).to_contain_text("word59")
        assert not one.complaints
    chat.page.reload()
    for one in (chat, other):
        one.lane("One").locator("summary").click()
        expect(one.lane("One")).to_contain_text("word1 word2 ")
        expect(one.lane("One")).to_contain_text("word58 word59")


def test_a_workflow_among_the_agents_has_its_lanes_in_its_lane(crew: None, chat: Chat, provider: Any) -> None:
    provider.play(text="All in one.")
    chat.open().choose("p-boss").send("p-team: tea").ended()
    chat.page.reload()
    team = chat.lane("A team").first
    team.locator("summary").first.click()
    inner = team.locator(".lane").filter(has=chat.page.locator(".lane-name", has_text="One")).first
    expect(inner.locator(".lane-state")).to_have_text("Done")
    inner.locator("summary").click()
    expect(inner).to_contain_text("All in one.")


def test_an_agents_call_and_a_workflows_question_wait_for_the_reader(
    chat: Chat, crew: None, provider: Any
) -> None:
    provider.play(text="Finished.")
    chat.open().choose("p-questions").send("fetch_page of http://127.0.0.1:9/")
    chat.lane("Asks first").locator("[data-approval-reject]").click()
    expect(chat.page.locator(".question")).to_contain_text("Which tone?")
    chat.page.reload()
    chat.page.locator("[data-question-answer]").fill("Warm and short")
    chat.page.keyboard.press("Enter")
    chat.ended()
    expect(chat.answer).to_contain_text("Finished.")
    expect(chat.page.locator(".question-given")).to_have_text("Warm and short")
    expect(chat.page.locator("[data-question-form]")).to_be_hidden()
    asked = provider.fake.requests[-1].body["messages"][-1]["content"]
    assert asked == "Tone: Warm and short"
