#!/usr/bin/env escript
%%! +S 1:1
-mode(compile).
%% Reads H.248 text with Erlang/OTP's megaco, and writes what it read: cross-read.escript IN OUT
%% For every file of IN a line `name ok` or `name refused reason`, separated by tabs; for `ok` OTP's own spellings in
%% OUT/name.pretty and OUT/name.compact.
%% Needs erlang-base and erlang-megaco.

main([In, Out]) ->
    {ok, Names} = file:list_dir(In),
    lists:foreach(fun(Name) -> one(In, Out, Name) end, lists:sort(Names));
main(_) ->
    io:format(standard_error, "usage: cross-read.escript IN OUT~n", []),
    halt(64).

one(In, Out, Name) ->
    {ok, Octets} = file:read_file(filename:join(In, Name)),
    case catch megaco_pretty_text_encoder:decode_message([], dynamic, Octets) of
        {ok, Message} ->
            io:format("~s\tok~n", [Name]),
            write(Out, Name ++ ".pretty", megaco_pretty_text_encoder, Message),
            write(Out, Name ++ ".compact", megaco_compact_text_encoder, Message);
        {error, Reason} ->
            io:format("~s\trefused\t~0p~n", [Name, Reason]);
        {'EXIT', Reason} ->
            io:format("~s\trefused\t~0p~n", [Name, Reason])
    end.

write(Out, Name, Encoder, Message) ->
    %% MegacoMessage is {_, authHeader, {_, version, mId, body}}.
    Version = element(2, element(3, Message)),
    case catch Encoder:encode_message([], Version, Message) of
        {ok, Octets} -> ok = file:write_file(filename:join(Out, Name), Octets);
        Reason -> io:format("~s\tunwritten\t~0p~n", [Name, Reason])
    end.
