"""The addresses of signing in, of one's own account, and of the staff."""

from django.urls import path

from stormlamp.people.views import doors, own, staff, tokens, visiting

app_name = "people"
urlpatterns = [
    path("sign-in/", doors.sign_in, name="sign_in"),
    path("sign-in/code/", doors.second_factor, name="second_factor"),
    path("sign-out/", doors.sign_out, name="sign_out"),
    path("first/<str:token>", doors.first, name="first"),
    path("visit/", visiting.visit, name="visit"),
    path("me/", own.account, name="account"),
    path("me/password/", own.password, name="password"),
    path("me/second-factor/", own.second_factor, name="own_second_factor"),
    path("me/codes/", own.codes, name="codes"),
    path("me/sessions/<str:session>/end", own.end_session, name="end_session"),
    path("staff/", staff.staff, name="staff"),
    path("staff/new/", staff.open_account, name="open_account"),
    path("staff/tokens/", tokens.tokens, name="tokens"),
    path("staff/tokens/<str:token>/revoke", tokens.revoke, name="revoke_token"),
    path("staff/<str:account>/", staff.person, name="person"),
    path("staff/<str:account>/link", staff.link, name="link"),
    path("staff/<str:account>/role", staff.role, name="role"),
    path("staff/<str:account>/close", staff.close, name="close"),
]
