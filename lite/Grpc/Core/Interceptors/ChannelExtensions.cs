namespace Grpc.Core.Interceptors;

/// <summary>Puts something between a client and a channel.</summary>
public static class ChannelExtensions
{
    /// <summary>Passes the request headers of every call through a function.</summary>
    /// <param name="channel">The channel that carries the calls.</param>
    /// <param name="interceptor">Gets a call's headers, which it may change, and returns the headers to send.</param>
    /// <returns>An invoker that does so.</returns>
    public static CallInvoker Intercept(this ChannelBase channel, Func<Metadata, Metadata> interceptor)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return channel.CreateCallInvoker().Intercept(interceptor);
    }
}
