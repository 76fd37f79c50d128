using System.Net;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Local.Tests.Functions;

public sealed class MiddlewareTests
{
    [Fact]
    public async Task Pipeline_OfSeveral_SurroundsTheFunctionInOrder()
    {
        FunctionsApplicationBuilder builder = Builder();
        builder.UseMiddleware<Outer>();
        builder.UseMiddleware(
            async (context, next) =>
            {
                await Task.Yield();
                context.InstanceServices.GetRequiredService<Journal>().Add("inner");
                await next();
            }
        );
        await using FunctionsHost host = await FunctionsHost.StartAsync(builder);

        Assert.Equal("/Scoped", await host.Http.GetStringAsync("/Scoped"));

        Assert.Equal(
            ["outer in Scoped", "inner", "function marked True False", "disposed", "outer out /Scoped"],
            host.Services.GetRequiredService<Journal>().Lines
        );
    }

    [Fact]
    public async Task Middleware_WithAPredicate_RunsForThoseInvocationsOnly()
    {
        FunctionsApplicationBuilder builder = Builder();
        builder.Use(next =>
            context =>
            {
                context.Items["mark"] = "plain";
                return next(context);
            }
        );
        builder.UseWhen<Outer>(context => context.FunctionDefinition.Name == "Shout");
        await using FunctionsHost host = await FunctionsHost.StartAsync(builder);

        await host.Http.GetStringAsync("/Scoped");
        await host.Http.GetStringAsync("/shout/a");

        Assert.Equal(
            ["function plain True False", "disposed", "outer in Shout", "outer out a 8 GET"],
            host.Services.GetRequiredService<Journal>().Lines
        );
    }

    [Fact]
    public async Task Middleware_ThatReplacesTheResult_DecidesTheAnswer()
    {
        FunctionsApplicationBuilder builder = Builder();
        builder.UseMiddleware(
            async (context, next) =>
            {
                context.Items["mark"] = 1;
                await next();
                context.GetInvocationResult().Value = new StatusCodeResult(418);
            }
        );
        await using FunctionsHost host = await FunctionsHost.StartAsync(builder);

        using HttpResponseMessage response = await host.Http.GetAsync("/Scoped");

        Assert.Equal((HttpStatusCode)418, response.StatusCode);
    }

    [Fact]
    public async Task Middleware_ThatBindsAnInput_MayReplaceIt()
    {
        FunctionsApplicationBuilder builder = Builder();
        builder.UseMiddleware(
            async (context, next) =>
            {
                BindingMetadata request = context.FunctionDefinition.InputBindings["request"];
                InputBindingData<object> bound = await context.BindInputAsync<object>(request);
                Assert.Same(context.GetHttpContext()!.Request, bound.Value);
                Assert.Equal("GET", (await context.GetHttpRequestDataAsync())!.Method);
                await next();
            }
        );
        await using FunctionsHost host = await FunctionsHost.StartAsync(builder);

        Assert.Equal("b 8 GET", await host.Http.GetStringAsync("/shout/b"));
    }

    [Fact]
    public async Task FaultOfConversion_CaughtByMiddleware_BecomesItsAnswer()
    {
        FunctionsApplicationBuilder builder = Builder(typeof(ScopedFunctions), typeof(HttpFunctions));
        builder.UseMiddleware<Outer>();
        await using FunctionsHost host = await FunctionsHost.StartAsync(builder);

        using HttpResponseMessage day = await host.Http.GetAsync("/route/1/no-day");
        using HttpResponseMessage json = await host.Http.PostAsync(
            "/orders",
            new StringContent("{", System.Text.Encoding.UTF8, "application/json")
        );

        Assert.Equal(HttpStatusCode.BadRequest, day.StatusCode);
        Assert.Contains("'day'", await day.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, json.StatusCode);
    }

    private static FunctionsApplicationBuilder Builder(params Type[] functions)
    {
        FunctionsApplicationBuilder builder = FunctionsHost.Builder(
            FunctionsHost.NewFolder(),
            functions.Length == 0 ? [typeof(ScopedFunctions)] : functions
        );
        builder.Services.AddSingleton<Journal>();
        builder.Services.AddScoped<Scoped>();
        return builder;
    }
}
