using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>What the server logs about calls.</summary>
internal static partial class GrpcServerLog
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Call {Method} ended with {StatusCode}: {Detail}")]
    public static partial void CallFailed(ILogger logger, string method, StatusCode statusCode, string detail, Exception? exception);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "Call {Method} was cancelled")]
    public static partial void CallCancelled(ILogger logger, string method, Exception exception);

    [LoggerMessage(EventId = 3, Level = LogLevel.Error, Message = "Error when executing service method {Method}")]
    public static partial void MethodThrew(ILogger logger, string method, Exception exception);

    [LoggerMessage(EventId = 4, Level = LogLevel.Debug, Message = "Call {Method} passed its deadline")]
    public static partial void DeadlinePassed(ILogger logger, string method);

    [LoggerMessage(EventId = 5, Level = LogLevel.Debug, Message = "Call {Method} has the invalid grpc-timeout {Timeout}; it is ignored")]
    public static partial void InvalidTimeout(ILogger logger, string method, string timeout);
}
