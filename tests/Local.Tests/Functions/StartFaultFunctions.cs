using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Local.Tests.Functions;

public sealed class ScopedLessFunctions
{
    [Function("Hello")]
    public static string Hello([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) => request.Path;
}

/// <summary>Functions that each have one fault, for the messages they get.</summary>
public static class StartFaults
{
    public sealed class SameName
    {
        [Function("hello")]
        public static string Hello([HttpTrigger(AuthorizationLevel.Anonymous, Route = "x")] HttpRequest request) =>
            request.Path;
    }

    public sealed class SameRoute
    {
        [Function("Other")]
        public static string Other([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "hello")] HttpRequest r) =>
            r.Path;
    }

    public sealed class NoTrigger
    {
        [Function("NoTrigger")]
        public static string Run(HttpRequest request) => request.Path;
    }

    public sealed class UnknownSetting
    {
        [Function("UnknownSetting")]
        public static void Run([TimerTrigger("%NoSuchSchedule%")] TimerInfo timer) => _ = timer.IsPastDue;
    }

    public sealed class BadSchedule
    {
        [Function("BadSchedule")]
        public static void Run([TimerTrigger("every day")] TimerInfo timer) => _ = timer.IsPastDue;
    }

    public sealed class UnboundParameter
    {
        [Function("Unbound")]
        public static string Run(
            [HttpTrigger(AuthorizationLevel.Anonymous, Route = "unbound/{id}")] HttpRequest request,
            string name
        ) => request.Path + name;
    }

    public sealed class ClientWithoutAttribute
    {
        [Function("Client")]
        public static string Run([ActivityTrigger] string input, DurableTaskClient client) => input + client.Name;
    }

    public sealed class OrchestratorInput
    {
        [Function("OrchestratorInput")]
        public static Task<string> RunAsync([OrchestrationTrigger] TaskOrchestrationContext context, string input) =>
            Task.FromResult(context.InstanceId + input);
    }

    public sealed class ActivityContext
    {
        [Function("ActivityContext")]
        public static string Run([ActivityTrigger] TaskActivityContext context) => context.InstanceId;
    }

    public sealed class UnknownService(Uri uri)
    {
        [Function("UnknownService")]
        public string Run([ActivityTrigger] string input) => input + uri;
    }

    public sealed class MalformedRoute
    {
        [Function("MalformedRoute")]
        public static string Run([HttpTrigger(AuthorizationLevel.Anonymous, Route = "a/{id")] HttpRequest request) =>
            request.Path;
    }

    public sealed class NotPublic
    {
        [Function("NotPublic")]
        internal static string Run([ActivityTrigger] string input) => input;
    }

    public sealed class AsyncVoid
    {
        [Function("AsyncVoid")]
#pragma warning disable VSTHRD100 // What is to be refused.
        public static async void Run([ActivityTrigger] string input) => await Task.Delay(input.Length);
#pragma warning restore VSTHRD100
    }

    public sealed class ReturnsValueTask
    {
        [Function("ReturnsValueTask")]
        public static ValueTask<string> RunAsync([ActivityTrigger] string input) => ValueTask.FromResult(input);
    }
}
