from django.urls import path

from timbre.platform.companies import credentials, defaults, enrol, views

inside = [
    path("empresas/", views.index, name="companies"),
    path("empresas/enrolar/", enrol.enrol, name="companies-enrol"),
    path("empresas/enrolar/reconocer/", enrol.acknowledge, name="companies-acknowledge"),
    path("empresas/credenciales/<str:credential_id>/", credentials.change, name="companies-credential"),
    path("empresas/credenciales/<str:credential_id>/usar/", credentials.choose, name="companies-choose"),
    path("empresas/credenciales/<str:credential_id>/probar/", credentials.retry, name="companies-retry"),
    path("empresas/credenciales/<str:credential_id>/quitar/", credentials.remove, name="companies-remove"),
    path("empresas/<str:company_id>/", views.one, name="companies-one"),
    path("empresas/<str:company_id>/resultado/", views.result, name="companies-result"),
    path("empresas/<str:company_id>/preguntar/", views.ask_again, name="companies-ask"),
    path("empresas/<str:company_id>/retirar/", views.unenrol, name="companies-unenrol"),
    path("empresas/<str:company_id>/valores/", defaults.edit, name="companies-defaults"),
    path("empresas/<str:company_id>/logo/", defaults.logo, name="companies-logo"),
    path("empresas/<str:company_id>/logo/cambiar/", defaults.change_logo, name="companies-logo-change"),
    path("empresas/<str:company_id>/logo/quitar/", defaults.remove_logo, name="companies-logo-remove"),
]
