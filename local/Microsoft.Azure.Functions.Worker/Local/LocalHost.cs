using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace Portability.Local;

internal static class LocalHost
{
    public static IHost Build(WebApplicationBuilder web, LocalHostPlan plan) => web.Build();
}
