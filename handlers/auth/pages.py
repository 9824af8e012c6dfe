"""The pages that links in mails lead to where there is no front end (FRONTEND_URL): small, and complete.

The token stands behind the number sign, so that it does not reach us with the page, only when a button is pressed:
programs that look through mails and open their links use nothing up.
"""

from dataclasses import dataclass

from jinja2 import Environment, select_autoescape

from server.kernel.rpc import HttpRequest, HttpResponse, RouteCtx, RouteType, route


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One page: what it says, what it asks for, and what it calls with the answers and the token."""

    title: str
    text: str
    button: str
    done: str
    method: str
    passwords: bool = False


PAGES = {
    "verify-email": AccountPage(
        "Confirm your e-mail address", "", "Confirm", "Your e-mail address is confirmed.", "/api/v1/auth/verify-email"
    ),
    "reset-password": AccountPage(
        "Set a new password",
        "You will be logged out everywhere.",
        "Set the password",
        "Your password has been updated successfully.",
        "/api/v1/auth/reset-password",
        passwords=True,
    ),
    "confirm-email": AccountPage(
        "Take a new e-mail address",
        "",
        "Take this address",
        "This is the e-mail address of your account from now on.",
        "auth.email.change.confirm",
    ),
}

_HTML = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{ page.title }} · Nexa</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; background: #f3f5f8; color: #1c2430; margin: 0; padding: 3rem 1rem }
  main { max-width: 24rem; margin: 0 auto; background: #fff; border-radius: 8px; padding: 1.75rem 2rem }
  h1 { font-size: 1.25rem; margin: 0 0 1rem }
  label { display: block; margin: 0 0 1rem }
  input { box-sizing: border-box; width: 100%; font: inherit; padding: .5rem; border: 1px solid #b9c1cd;
    border-radius: 6px }
  button { font: inherit; font-weight: 600; color: #fff; background: #2b57d9; border: 0; border-radius: 6px;
    padding: .6rem 1.2rem; cursor: pointer }
  button:disabled { opacity: .6 }
  output { display: block; margin-top: 1rem; white-space: pre-line }
</style>
<main>
<h1>{{ page.title }}</h1>
<form>
{% if page.text %}<p>{{ page.text }}</p>{% endif %}
{% if page.passwords %}
<label>New password <input type="password" name="new_password" autocomplete="new-password" required></label>
<label>Once more <input type="password" name="confirm_new_password" autocomplete="new-password" required></label>
{% endif %}
<button>{{ page.button }}</button>
</form>
<output role="status"></output>
</main>
<script>
  const method = {{ page.method|tojson }}, done = {{ page.done|tojson }};
  const form = document.querySelector("form"), output = document.querySelector("output");
  const token = new URLSearchParams(location.hash.slice(1)).get("token") || "";
  const isRoute = method.startsWith("/");
  form.addEventListener("submit", async event => {
    event.preventDefault();
    form.querySelector("button").disabled = true;
    const params = { token, ...Object.fromEntries(new FormData(form)) };
    const body = isRoute ? params : { jsonrpc: "2.0", id: 1, method, params };
    try {
      const answer = await fetch(isRoute ? method : "/api/v1/rpc", {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
      const told = await answer.json();
      const error = isRoute ? (answer.ok ? null : told) : told.error;
      const details = error && (error.details || (error.data && error.data.details)) || {};
      output.textContent = error ? Object.values(details).flat().join("\\n") || error.message : done;
      if (!error) form.remove();
    } catch {
      output.textContent = "That did not work. Please try again.";
    }
    const button = form.querySelector("button");
    if (button) button.disabled = false;
  });
</script>
</html>
"""

_TEMPLATE = Environment(autoescape=select_autoescape(default_for_string=True)).from_string(_HTML)


def _page(name: str) -> RouteType:
    answer = HttpResponse.page(_TEMPLATE.render(page=PAGES[name]), connect_src="'self'")

    @route(f"/account/{name}")
    async def show(_ctx: RouteCtx, _request: HttpRequest) -> HttpResponse:
        return answer

    return show


verify_email = _page("verify-email")
reset_password = _page("reset-password")
confirm_email = _page("confirm-email")
