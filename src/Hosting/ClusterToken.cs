using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace Winnow.Hosting;

/// <summary>
/// The shared secret of a cluster: every gRPC call carries it as <c>authorization: Bearer …</c>. Compared in constant time, whatever
/// its length, because digests of equal length are compared.
/// </summary>
public sealed class ClusterToken
{
    private const string Scheme = "Bearer ";
    private readonly byte[]? _digest;

    /// <summary>Wraps the configured token.</summary>
    /// <param name="token">The secret; <see langword="null"/> or empty lets every call in.</param>
    public ClusterToken(string? token)
    {
        Value = string.IsNullOrEmpty(token) ? null : token;
        _digest = Value is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(Value));
    }

    /// <summary>The secret, or <see langword="null"/> when none is set.</summary>
    public string? Value { get; }

    /// <summary>Whether a request with this <c>authorization</c> header may pass.</summary>
    public bool Admits(string? authorization)
    {
        if (_digest is null)
        {
            return true;
        }
        if (authorization is null || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(authorization[Scheme.Length..]));
        return CryptographicOperations.FixedTimeEquals(digest, _digest);
    }

    /// <summary>Refuses gRPC calls without the token with status UNAUTHENTICATED; other requests pass.</summary>
    internal Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        bool isGrpc = context.Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;
        StringValues header = context.Request.Headers.Authorization;
        if (!isGrpc || Admits(header.Count == 1 ? header[0] : null))
        {
            return next(context);
        }
        // A response of headers only: gRPC over HTTP/2 calls it Trailers-Only, and the status is the client's to read.
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = "16";
        context.Response.Headers["grpc-message"] = "The cluster token is missing or wrong; set the same ClusterToken on every process.";
        return Task.CompletedTask;
    }
}

/// <summary>Puts the token check into a request pipeline.</summary>
public static class ClusterTokenExtensions
{
    /// <summary>Checks the registered <see cref="ClusterToken"/> on every gRPC call; place it before the gRPC services.</summary>
    public static IApplicationBuilder UseClusterToken(this IApplicationBuilder app) =>
        app.Use(next => context => context.RequestServices.GetRequiredService<ClusterToken>().CheckAsync(context, next));
}
