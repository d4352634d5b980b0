"""A string that somebody smuggles into the page becomes neither HTML nor a script there."""

from tests.browser.engines.conftest import Engine, SitDown
from tests.browser.engines.talk import enter, hear, say

ATTACKS = {
    "innerHTML": "document.body.innerHTML = '<img src=x>'",
    "outerHTML": "document.body.outerHTML = '<body></body>'",
    "insertAdjacentHTML": "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
    "DOMParser": "new DOMParser().parseFromString('<b>x</b>', 'text/html')",
    "srcdoc": "document.createElement('iframe').srcdoc = '<b>x</b>'",
    "script": "document.createElement('script').src = '/evil.js'",
    "text of a script": "document.createElement('script').text = 'alert(1)'",
    "Worker": "new Worker('/evil.js')",
    "a policy of one's own": "trustedTypes.createPolicy('evil', {createHTML: (html) => html})",
    "a policy once more": "trustedTypes.createPolicy('chat-message', {createHTML: (a) => a})",
}
TRY = """(attacks) => {
  const passed = [];
  if (!globalThis.trustedTypes) return ["unknown"];
  for (const [name, attack] of Object.entries(attacks)) {
    try {
      attack();
      passed.push(name);
    } catch (error) {
      if (!(error instanceof TypeError)) passed.push(`${name}: ${error}`);
    }
  }
  return passed;
}"""
UNKNOWN = ["unknown"]
FUNCTIONS = "{" + ", ".join(f"{name!r}: () => {{ {code} }}" for name, code in ATTACKS.items()) + "}"


def test_no_string_becomes_html_or_a_script(sit_down: SitDown, engine: Engine) -> None:
    alice = enter(sit_down("alice"))
    passed = alice.run(f"() => ({TRY})({FUNCTIONS})")
    assert passed == [] or (engine.name == "webkit" and passed == UNKNOWN)
    say(alice, "**still** here")
    hear(alice, text="still here")
    alice.complaints.clear()  # each refusal is one
