-- Hands one message to a milter as Postfix does, and prints each signature that it adds, followed
-- by a NUL. Given with -D: socket, client (an address), user ("" for a stranger), sender, headers
-- (a file of "Name: value" lines) and body (a file).
connection = mt.connect(socket, 240, 0.25)
if connection == nil then error("the milter does not answer") end

mt.conninfo(connection, "client.example", client)
mt.macro(connection, SMFIC_MAIL, "i", "queue-id")
if user ~= "" then
  mt.macro(connection, SMFIC_MAIL, "{auth_authen}", user, "{auth_type}", "plain")
end
mt.mailfrom(connection, "<" .. sender .. ">")
mt.rcptto(connection, "<rcpt@elsewhere.test>")
for line in io.lines(headers) do
  local name, value = string.match(line, "^([^:]+): (.*)$")
  mt.header(connection, name, value)
end
mt.eoh(connection)
for line in io.lines(body) do
  mt.bodystring(connection, line .. "\r\n")
end
mt.eom(connection)
if mt.getreply(connection) ~= SMFIR_ACCEPT and mt.getreply(connection) ~= SMFIR_CONTINUE then
  error("the milter did not accept the message")
end

local number = 0
while mt.getheader(connection, "DKIM-Signature", number) ~= nil do
  io.write(mt.getheader(connection, "DKIM-Signature", number), "\0")
  number = number + 1
end
mt.disconnect(connection)
