namespace Orleans.Configuration;

/// <summary>What calls made inside the silo's process obey.</summary>
public class SiloMessagingOptions : MessagingOptions;
