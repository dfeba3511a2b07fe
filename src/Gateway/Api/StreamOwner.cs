using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Winnow.Gateway.Access;

namespace Winnow.Gateway.Api;

/// <summary>Whose stream it is, as sessions have it.</summary>
internal static class StreamOwner
{
    /// <summary>A hash of the name of the request's key: equal at every gateway that knows the key.</summary>
    public static string Of(HttpContext context) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ApiCaller.Of(context).Name)));
}
