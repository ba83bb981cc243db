"""Being somebody with one press: only where the whole home is a demonstration and everybody in it is made up."""

from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect

from stormlamp.people import actions, queries
from stormlamp.people.views.doors import begin_visit
from stormlamp.shell.request import OpenRequest, next_of, open_page


@open_page
def visit(request: OpenRequest) -> HttpResponse:
    """Act as the player with a sign-in name from now on; refused in every home that is no demonstration."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    actions.demand_demonstration()
    login = request.POST.get("login", "")
    account = queries.account_of_login(login)
    if account is None:
        raise actions.AccountUnknown(account=login)
    begin_visit(request, account)
    return redirect(next_of(request, "/"))
