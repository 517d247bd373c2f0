from nanoterasu.session import begin

session = begin("BL13U")
globals().update(session.namespace())
